// One thing said as an article of the conversation: the resident's words, a reply with its cards, an agent's words.

import { answerCard } from "./answer.js";
import { choiceList } from "./choices.js";
import { button, icon } from "./dom.js";
import { thumbs } from "./feedback.js";
import { provide } from "./late.js";
import { share } from "./sharing.js";
import { hush, speakButton } from "./speech.js";
import { paragraphs } from "./words.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";

const WITHOUT_THUMBS = ["handoff", "chitchat"];

/** Returns {element, update(item, {active, chosen, label})}; `on` has choose(choice, event) and again(text). */
export function entryView(item, on) {
  const when = el("p", { class: "when", hidden: true });
  const { element, update } = { resident: mine, bot: reply, agent: person, system: notice }[item.author](item, on);
  element.prepend(when);
  return { element, update, when };
}

function mine(item, on) {
  const words = el("span", {});
  const state = el("p", { class: "state" });
  const speaker = el("span", { class: "visually-hidden" }, say("you_said"));
  const element = el("article", { class: "entry mine" }, el("p", { class: "bubble" }, speaker, words), state);
  const update = (now, { label }) => {
    words.textContent = label || now.text;
    element.setAttribute("data-state", now.state);
    if (now.state !== "refused") return fill(state, now.state === "sending" && say("sending"));
    return fill(state, say("not_sent"), button(say("write_again"), () => on.again(now.text)));
  };
  return { element, update };
}

function person(item) {
  const name = el("p", { class: "speaker" }, say("agent_named", { name: item.name || "" }));
  const element = el("article", { class: "entry theirs" }, name, el("div", { class: "bubble" }, paragraphs(item.text)));
  return { element, update: () => {} };
}

function notice(item) {
  return { element: el("article", { class: "entry notice-line" }, el("p", {}, item.text)), update: () => {} };
}

function reply(item, on) {
  const { turn } = item;
  let { seq } = item;
  const lists = [];
  const speaker = el("p", { class: "visually-hidden" }, say("we_said"));
  const bubble = el("div", { class: "bubble" });
  parts(turn.messages).forEach((part) => bubble.append(drawn(part, turn, on, lists)));
  const below = WITHOUT_THUMBS.includes(turn.decision) ? [] : tools(turn, () => seq);
  const element = el("article", { class: "entry theirs" }, speaker, bubble, el("div", { class: "tools" }, below));
  const update = (now, chosen) => {
    seq = now.seq;
    lists.forEach((list) => list.update(chosen));
  };
  return { element, update };
}

/** Puts together what belongs together: the facets of one item, numbers and links. */
function parts(messages) {
  const found = [];
  messages.forEach((message) => {
    const last = found[found.length - 1];
    const kind = { answer: `answer ${message.item ? message.item.id : ""}`, phone: "tap", link: "tap" }[message.type];
    if (last !== undefined && kind !== undefined && last.kind === kind) last.messages.push(message);
    else found.push({ kind: kind || message.type, messages: [message] });
  });
  return found;
}

function drawn(part, turn, on, lists) {
  const [first] = part.messages;
  if (first.type === "answer") return answerCard(part.messages);
  if (part.kind === "tap") return el("p", { class: "taps row" }, part.messages.map((message) => tap(message, turn)));
  if (first.type === "choices") {
    const list = choiceList(first, on.choose);
    lists.push(list);
    return list.element;
  }
  const look = { class: first.type === "handoff" ? "handoff" : "said" };
  return el("div", look, paragraphs(first.text));
}

function tap(message, turn) {
  if (message.type === "phone") {
    const href = `tel:${message.number.replace(/[^\d+]/g, "")}`;
    return el("a", { class: "button secondary", href }, icon("phone"), message.text);
  }
  if (!/^https?:\/\//.test(message.url)) return el("span", {}, message.text);
  const place = placeOf(message, turn);
  return el(
    "a",
    { class: "button secondary", href: message.url, target: "_blank", rel: "noopener noreferrer" },
    icon("link"),
    place === undefined ? message.label : say("link_to_place", { label: message.label, place })
  );
}

/** Returns the counter that a map link leads to, where there are several: two links of one name help nobody. */
function placeOf(message, turn) {
  if (turn.messages.filter((other) => other.type === "link" && other.label === message.label).length < 2) return undefined;
  const facts = turn.messages.reduce((all, other) => all.concat(other.facts || []), []);
  const places = facts.map((fact) => fact.value && fact.value.address).filter(Boolean);
  return places.find((place) => message.url.includes(`=${encodeURIComponent(place)}&`));
}

function tools(turn, seqOf) {
  const item = turn.decision === "answer" ? turn.items[0] : undefined;
  const spoken = () => turn.messages.map((message) => message.text.replace(/☐|（出处：[^）]*）/g, "")).join("\n");
  return [
    thumbs(seqOf),
    speakButton(spoken),
    item && button(say("share"), () => share(item.title, `/#/items/${item.id}`), { drawing: "share" }),
  ];
}

provide("entry", { entryView, hush });
