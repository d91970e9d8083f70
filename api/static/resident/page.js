// The residents' chat page: its parts put together.

import { NoNetwork, Refusal } from "./calls.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Desk } from "./desk.js";
import { onOpened, tellHost } from "./frame.js";
import { questions } from "./guide.js";
import { drop } from "./kept.js";
import { cards } from "./late.js";
import { Outbox } from "./outbox.js";
import { current, erase, onSession } from "./session.js";
import { Start, takeFromAddress } from "./start.js";
import { keepTelling, tell } from "./status.js";
import { Suggestions } from "./suggestions.js";
import { Thread } from "./thread.js";
import { Transcript } from "./transcript.js";
import { openDialog } from "../shared/dialog.js";
import { isElder } from "../shared/modes.js";
import { say } from "../shared/wording.js";

const LATE = 3000;
const SHORT_BREAK = 1500;
const MANY_SECONDS = 90;

const part = (id) => document.getElementById(id);
let connection = null;
let caughtUp = Promise.resolve();
let breaking = null;

const desk = new Desk(part("desk"), { ended: () => transcript.note(say("agent_left")) });
const thread = new Thread(
  { log: part("log"), list: part("thread"), earlier: part("earlier"), newer: part("newer") },
  { choose, again: (text) => (composer.put(text), composer.focus()) }
);
const transcript = new Transcript({ put: shown, cleared: () => thread.clear() });
const outbox = new Outbox({
  added: (message) => transcript.pending(message),
  session: connect,
  sent,
  refused,
  later,
  lost: () => begin(null),
});
const composer = new Composer(part("composer"), {
  send,
  typing: () => desk.isTaken && connection !== null && connection.typing(),
  keydown: (event) => suggestions.keydown(event),
});
const suggestions = new Suggestions(composer, part("suggestions"), part("suggestions-found"), ({ id }) => askFor(id));
const start = new Start(part("start"), askFor);

// ---------------------------------------------------------------- saying

function send(text) {
  suggestions.close();
  quiet();
  thread.toEnd();
  outbox.add(text, isElder());
}

function choose(choice, event) {
  send(choice.value);
  composer.focusGently(event);
}

function askFor(id, event) {
  if (Object.prototype.hasOwnProperty.call(questions, id)) send(questions[id]);
  else tell(say("no_such_item"));
  composer.focusGently(event);
}

function sent(message, reply) {
  transcript.acknowledge(message, reply);
  const { seq } = reply;
  // What was said must come on the connection too; where it does not, the connection only seems to stand.
  setTimeout(() => connection !== null && seq !== null && transcript.cursor < seq && connection.again(), LATE);
  showStatus();
}

function refused(message, status) {
  transcript.refuse(message);
  tell(say(status === 422 ? "refused_text" : "refused_other"));
}

function later(seconds, status) {
  if (status === 503) tell(say("too_busy", { seconds }), seconds);
  else if (seconds > MANY_SECONDS) tell(say("too_many", { minutes: Math.ceil(seconds / 60) }), seconds);
  else if (seconds > 0) tell(say("too_fast", { seconds }), seconds);
  else showStatus(true);
}

function quiet() {
  if (transcript.items.length > 0) cards().then(({ hush }) => hush(), () => null);
}

// ---------------------------------------------------------------- hearing

function connect(session) {
  if (connection !== null && connection.session.token === session.token) return;
  if (connection !== null) connection.end();
  let heard;
  caughtUp = new Promise((resolve) => (heard = resolve));
  connection = new Connection(session, () => transcript.cursor, {
    entry: (entry) => transcript.receive(entry),
    desk: (state) => {
      // What the service knows of the session comes before the state of its desk.
      heard();
      desk.show(state);
      showTyping();
    },
    erased: () => begin(null),
    refused: () => begin(null),
    state: (state) => {
      clearTimeout(breaking);
      if (state === "connected") showStatus();
      else breaking = setTimeout(() => showStatus(true), SHORT_BREAK);
    },
  });
}

/** Starts again with `session`, or with none until something is said. */
function begin(session) {
  if (connection !== null) connection.end();
  connection = null;
  if (session === null) drop("session");
  transcript.reset();
  desk.show({ state: "none" });
  outbox.waiting().forEach((message) => transcript.pending(message));
  if (session !== null) connect(session);
  showStatus();
}

function shown(item) {
  thread.show(transcript.items);
  showTyping();
  if (item.author === "bot" && item.turn.decision === "answer" && item.turn.items.length > 0) {
    start.remember(item.turn.items[0]);
  }
  if (item.author !== "resident" && document.hasFocus() === false) tellHost("unread");
}

function showTyping() {
  const waits = transcript.items.some((item) => item.state === "sending") && !desk.isTaken;
  const box = part("typing");
  box.hidden = !((waits && navigator.onLine !== false) || desk.typing);
  box.querySelector("[data-typing]").textContent = desk.typing || (waits ? say("looking_up") : "");
  if (!box.hidden) thread.stayAtEnd();
}

function showStatus(isBroken = false) {
  if (navigator.onLine === false) keepTelling(say("offline"));
  else keepTelling(isBroken ? say("reconnecting") : "");
  showTyping();
}

// ---------------------------------------------------------------- starting over

async function startOver() {
  const forgets = part("forget-lists").checked;
  quiet();
  try {
    await erase();
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof NoNetwork)) throw error;
    tell(say("not_erased"));
    return;
  }
  outbox.clear();
  drop("thumbs");
  if (forgets) {
    ["ticks", "recent"].forEach(drop);
    start.show();
  }
  begin(null);
  part("log").scrollTop = 0;
  tell(say("erased"));
}

// ---------------------------------------------------------------- the page's own controls

part("person").addEventListener("click", (event) => {
  send(say("call_a_person_text"));
  composer.focusGently(event);
});
part("desk").querySelector("[data-cancel]").addEventListener("click", (event) => {
  send(say("cancel_text"));
  composer.focusGently(event);
});
part("topics").addEventListener("click", () => {
  part("log").scrollTop = 0;
  part("start").querySelector("h1").focus();
});
part("restart").addEventListener("click", () => {
  part("more").open = false;
  const close = openDialog(part("confirm"), { first: part("confirm").querySelector("[data-close]") });
  part("confirmed").onclick = () => {
    close();
    startOver();
  };
});
part("more").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !part("more").open) return;
  event.stopPropagation();
  part("more").open = false;
  part("more").querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  if (!part("more").contains(event.target)) part("more").open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) tellHost("close");
});

addEventListener("online", () => showStatus());
addEventListener("offline", () => showStatus());
onSession((session) => {
  const known = connection === null ? null : connection.session.token;
  if ((session === null ? null : session.token) !== known) begin(session);
});
onOpened(() => composer.focusGently() || part("content").focus());

// ---------------------------------------------------------------- at last

function openAddress() {
  const id = takeFromAddress();
  if (id === null) return;
  caughtUp.then(() => {
    const answered = transcript.items.filter((item) => item.author === "bot" && item.turn.decision === "answer");
    const last = answered[answered.length - 1];
    // Whoever opens the same link again finds the answer that is there.
    if (last === undefined || last.turn.items[0].id !== id) askFor(id);
  });
}

begin(current());
outbox.flush();
openAddress();
addEventListener("hashchange", openAddress);
composer.focusGently();
tellHost("ready");
