// The console: its panes, wired to what happens at the desk.

import { openDialog } from "../shared/dialog.js";
import { say } from "../shared/wording.js";
import { askColleague, askEnding, askRelease, askToConfirm, showColleagues } from "./asking.js";
import { call, logOut, Refusal, whenOver } from "./calls.js";
import { Canned } from "./canned.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Facts } from "./facts.js";
import { listen } from "./keys.js";
import { reasonName } from "./labels.js";
import { clock, setNow } from "./moments.js";
import { Notify } from "./notify.js";
import { problemSentence } from "./problems.js";
import { Queue } from "./queue.js";
import { Talk } from "./talk.js";

const TOLD = 5000;
const find = (selector) => document.querySelector(selector);
const box = (id) => document.getElementById(id);

let board = null;
let colleagues = [];
let opening = null;
let telling = null;
const seen = {};
const readUpTo = {};
const doneHere = new Set();

const notify = new Notify(find("[data-sound]"));
const talk = new Talk(find(".talk"));
const queue = new Queue(find(".queue"), { open });
const facts = new Facts(find(".facts"), { insert });
const composer = new Composer(find("[data-composer]"), {
  typing: (number) => connection.typing(number),
  sent: (ticket) => ticket.number === talk.number && talk.update(ticket),
  warn: (confirm) => askToConfirm(box("warning"), confirm),
  refused: changedMeanwhile,
});
const canned = new Canned(box("canned"), {
  use: (text) => composer.insert(text),
  draft: () => composer.field.value,
});
const connection = new Connection({
  board: hearBoard,
  colleagues: hearColleagues,
  ticket: (ticket) => ticket.number === talk.number && talk.update(ticket),
  entry: hearEntry,
  typing: (number) => number === talk.number && talk.typing(),
  gone: (number) => number === talk.number && leave(say("ticket_gone")),
  state: showState,
  over: sessionOver,
});

// ---------------------------------------------------------------- what happens

function hearBoard(told) {
  setNow(told.now);
  const before = board;
  board = told;
  queue.isUnread = isUnread;
  look();
  if (before !== null) announce(before, told);
  queue.show(board);
  count();
  const { open: isOpen, opens } = board.office;
  const hours = find("[data-hours]");
  hours.hidden = isOpen !== false;
  if (isOpen === false) {
    hours.textContent = opens === null ? say("office_closed") : say("office_closed_until", { opens: clock(opens) });
  }
}

function announce(before, after) {
  const known = new Set(numbers(before.waiting));
  const fresh = after.waiting.filter(({ number }) => !known.has(number) && !doneHere.has(number));
  const wasCrisis = new Set(numbers(before.waiting.concat(before.mine).filter(({ reason }) => reason === "crisis")));
  const crises = after.waiting.concat(after.mine).filter(({ number, reason }) => reason === "crisis" && !wasCrisis.has(number));
  const had = new Set(numbers(before.mine));
  const handed = after.mine.filter(({ number }) => !had.has(number) && !doneHere.has(number));
  const answered = after.mine.filter((line) => isUnread(line) && isNews(line, before.mine));
  if (crises.length > 0) tell(say("queue_crisis", { number: crises[0].number }));
  else if (handed.length > 0) tell(say("handed_to_you", { number: handed[0].number }));
  else if (fresh.length > 0) tell(say("queue_new", { number: fresh[0].number, reason: reasonName(fresh[0].reason) }));
  if (crises.length > 0) notify.ring(true);
  else if (fresh.length + handed.length + answered.length > 0) notify.ring();
}

function numbers(lines) {
  return lines.map(({ number }) => number);
}

function isNews(line, before) {
  const was = before.find(({ number }) => number === line.number);
  return was === undefined || was.last === null || was.last.id < line.last.id;
}

function hearColleagues(told) {
  colleagues = told;
  showColleagues(box("hand"), colleagues);
  const me = colleagues.find((one) => one.me);
  const isAway = me !== undefined && me.presence === "away";
  notify.isAway = isAway;
  find("[data-away]").hidden = !isAway;
  document.querySelectorAll("[data-presence]").forEach((choice) => {
    choice.setAttribute("aria-pressed", String((choice.dataset.presence === "away") === isAway));
  });
}

function hearEntry(number, entry) {
  if (number !== talk.number || !talk.add(entry)) return;
  if (!document.hidden) readUpTo[number] = talk.lastSeq();
  facts.said();
}

function showState(state) {
  const banner = find("[data-banner]");
  const words = { live: "", polling: say("connection_polling"), lost: say("connection_lost") }[state];
  banner.hidden = words === "";
  find("[data-banner-words]").textContent = words;
}

function sessionOver() {
  find("[data-banner]").hidden = false;
  find("[data-banner-words]").textContent = say("session_over");
  find("[data-banner-login]").hidden = false;
}

// ---------------------------------------------------------------- what is new

function isUnread(line) {
  return line.last !== null && line.last.author === "resident" && line.last.id > (seen[line.number] || 0);
}

/** Takes what is on the screen for seen, while somebody can see it. */
function look() {
  if (board === null || talk.number === null || document.hidden) return;
  const line = board.mine.concat(board.waiting).find(({ number }) => number === talk.number);
  if (line !== undefined && line.last !== null) seen[line.number] = line.last.id;
  readUpTo[talk.number] = talk.lastSeq();
}

function count() {
  notify.count(board.waiting.length + board.mine.filter(isUnread).length);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || board === null) return;
  look();
  queue.show(board);
  count();
});

// ---------------------------------------------------------------- the ticket on the screen

async function open(number) {
  opening = number;
  queue.select(number);
  try {
    const conversation = await call("GET", `tickets/${number}`);
    if (opening !== number) return;
    talk.open(conversation, readUpTo[number] || 0);
    if (matchMedia("(max-width: 900px)").matches) talk.root.scrollIntoView();
    composer.open(number);
    connection.watch(number, () => talk.lastSeq());
    facts.open(number);
    look();
    queue.show(board);
    count();
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) leave(say("ticket_gone"));
    else tell(problemSentence(error));
  }
}

function leave(words) {
  opening = null;
  talk.clear();
  queue.select(null);
  connection.watch(null, () => 0);
  facts.open(null);
  tell(words);
}

async function changedMeanwhile() {
  const { number } = talk;
  tell(say("ticket_changed"));
  await open(number);
}

async function take() {
  const { number } = talk;
  if (!talk.canTake) return;
  doneHere.add(number);
  try {
    talk.update(await call("POST", `tickets/${number}/take`));
    tell(say("took_it", { number }));
    if (talk.ticket.reason === "crisis" && composer.field.value === "") composer.insert(say("crisis_hello"));
    composer.focus();
  } catch (error) {
    doneHere.delete(number);
    if (!(error instanceof Refusal) || error.status !== 409) return tell(problemSentence(error));
    await open(number);
    const { state, agent } = talk.ticket;
    tell(state === "taken" ? say("taken_by_other", { number, name: agent }) : say("ticket_changed"));
  }
  return undefined;
}

/** Does something with the ticket on the screen; what it has become is shown. Raises what is refused. */
async function change(what, body, done) {
  const { number } = talk;
  doneHere.add(number);
  try {
    const ticket = await call("POST", `tickets/${number}/${what}`, body);
    if (talk.number === number) talk.update(ticket);
    tell(done);
  } catch (error) {
    if (error instanceof Refusal && error.code.startsWith("ticket_")) {
      await changedMeanwhile();
      return;
    }
    throw error;
  } finally {
    setTimeout(() => doneHere.delete(number), TOLD);
  }
}

function handOver() {
  if (!talk.isMine) return;
  const { number } = talk;
  askColleague(box("hand"), colleagues, (to, note) => change("hand-over", { to, note }, say("handed_it", { number, name: to })));
}

function release() {
  if (!talk.isMine) return;
  const { number } = talk;
  askRelease(box("release"), number, () => change("release", null, say("released_it", { number })));
}

function end() {
  if (!talk.isMine) return;
  const { number } = talk;
  askEnding(box("ending"), number, (outcome, note) => change("close", { outcome, note }, say("closed_it", { number })));
}

function insert(text, facet) {
  if (!talk.isMine) return tell(say("say_take_first"));
  composer.insert(text);
  return tell(say("facts_inserted", { facet }));
}

function tell(words) {
  const told = find("[data-told]");
  told.textContent = words;
  told.classList.add("shown");
  clearTimeout(telling);
  telling = setTimeout(() => told.classList.remove("shown"), TOLD);
}

// ---------------------------------------------------------------- oneself

async function setPresence(presence) {
  try {
    hearColleagues((await call("PUT", "presence", { presence })).colleagues);
  } catch (error) {
    tell(problemSentence(error));
  }
}

whenOver(() => connection.end());

// ---------------------------------------------------------------- hands

const opens = { keys: () => openDialog(box("keys")), canned: () => talk.isMine && canned.open() };

document.querySelectorAll("[data-open]").forEach((button) => {
  button.addEventListener("click", () => opens[button.dataset.open]());
});
document.querySelectorAll("[data-presence]").forEach((button) => {
  button.addEventListener("click", () => setPresence(button.dataset.presence));
});
find("[data-back]").addEventListener("click", () => setPresence("here"));
find("[data-take]").addEventListener("click", take);
find("[data-take-below]").addEventListener("click", take);
find("[data-hand]").addEventListener("click", handOver);
find("[data-release]").addEventListener("click", release);
find("[data-close-ticket]").addEventListener("click", end);
find("[data-log-out]").addEventListener("click", async () => {
  await logOut().catch(() => {});
  location.assign("/login?next=/console");
});

listen(
  {
    j: () => queue.move(1),
    k: () => queue.move(-1),
    t: take,
    r: () => composer.focus(),
    "/": () => facts.focus(),
    y: opens.canned,
    h: handOver,
    c: end,
    e: () => talk.ticket && talk.why(),
    "?": opens.keys,
    Escape: () => talk.ticket && find("[data-log]").focus(),
  },
  (number) => facts.insert(number),
);
