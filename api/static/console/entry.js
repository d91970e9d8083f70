// One thing said, drawn: whose it is, when, the words; under a resident's what the bot understood, and why.

import { button } from "../resident/dom.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { call, NAME } from "./calls.js";
import { facetName, percent } from "./labels.js";
import { clock } from "./moments.js";
import { whyView } from "./why.js";

const LONG = 180;
const MANY_LINES = 6;
const MOST_ITEMS = 4;
const SMALLEST = 0.005;

/** Returns { element, read(understood), why() } of an entry on the ticket `number`. */
export function entryView(entry, number) {
  const element = el(
    "div",
    { class: `entry ${entry.author}`, "data-seq": entry.seq },
    el("p", { class: "by" }, `${who(entry)} `, el("time", { datetime: entry.at }, clock(entry.at))),
    bubble(entry),
  );
  if (entry.author !== "resident") return { element, read() {}, why() {} };
  const line = el("span", { class: "read-words" });
  const place = el("div", { hidden: true });
  const ask = button(say("why_do"), () => why(), { look: "link", "aria-expanded": "false" });
  element.append(el("div", { class: "read" }, line, " ", ask), place);

  async function why() {
    if (!place.hidden) return show(false);
    ask.textContent = say("why_waiting");
    try {
      const told = await call("GET", `tickets/${number}/explain?seq=${entry.seq}`);
      fill(place, whyView(told));
    } catch (error) {
      fill(place, el("p", { class: "why" }, say("why_failed")));
    }
    return show(true);
  }

  function show(isOpen) {
    place.hidden = !isOpen;
    ask.textContent = say(isOpen ? "why_hide" : "why_do");
    ask.setAttribute("aria-expanded", String(isOpen));
  }

  return { element, why, read: (understood) => (line.textContent = sentence(understood)) };
}

/** Returns words of an agent that are still under way. */
export function underwayView({ at, name, text }) {
  return el(
    "div",
    { class: "entry agent underway" },
    el("p", { class: "by" }, `${name === NAME ? say("who_you") : name} `, el("time", { datetime: at }, clock(at))),
    el("p", { class: "bubble" }, text),
    el("p", { class: "not-yet" }, say("not_delivered")),
  );
}

function who({ author, name }) {
  if (author === "agent") return name === NAME ? say("who_you") : name || "";
  return say(`who_${author}`);
}

function bubble({ author, text }) {
  const words = el("p", { class: "bubble" }, text);
  if (author !== "bot" || (text.length <= LONG && text.split("\n").length <= MANY_LINES)) return words;
  words.classList.add("folded");
  const unfold = button(
    say("show_all"),
    () => {
      const isFolded = words.classList.toggle("folded");
      unfold.textContent = say(isFolded ? "show_all" : "show_less");
      unfold.setAttribute("aria-expanded", String(!isFolded));
    },
    { look: "link", "aria-expanded": "false" },
  );
  return [words, unfold];
}

function sentence({ decision, outcome, items, facets, applicant }) {
  // While a person has the conversation the bot only listens: what it thinks is told on demand.
  if (outcome === "silent") return "";
  const meant = decision === "answer" ? items.slice(0, 1) : items.slice(0, MOST_ITEMS);
  const titles = meant.map(({ title, confidence }) => (confidence < SMALLEST ? title : `${title} ${percent(confidence)}`));
  const about = [titles.join(" / ") || say("understood_nothing"), facets.map(facetName).join("、"), say(`decision_${decision}`)];
  if (applicant) about.push(say("applicant_is", { applicant }));
  return `${say("understood_as")}：${about.filter((part) => part !== "").join(" · ")}`;
}
