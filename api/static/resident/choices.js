// A question with choices: buttons while it is the latest, afterwards a list that shows what was chosen.

import { button } from "./dom.js";
import { el, fill } from "../shared/dom.js";
import { isElder } from "../shared/modes.js";
import { say } from "../shared/wording.js";

const MOST_AT_ONCE = 3;

/** Returns {element, update({active, chosen})}; choosing calls `choose(choice, event)`. */
export function choiceList(message, choose) {
  const list = el("ul", { class: "choices plain" });
  const element = el("div", { class: "asked" }, question(message), list);
  let shownAs = "";
  let all = false;

  function update({ active, chosen }) {
    const as = `${active} ${chosen} ${isElder()} ${all}`;
    if (as === shownAs) return;
    shownAs = as;
    const few = active && isElder() && !all && message.choices.length > MOST_AT_ONCE;
    const shown = few ? message.choices.slice(0, MOST_AT_ONCE) : message.choices;
    fill(
      list,
      shown.map((choice, index) => el("li", {}, active ? live(choice, index) : past(choice, choice.value === chosen))),
      few && el("li", {}, button(say("more_choices"), more, { look: "secondary" }))
    );
  }

  function live(choice, index) {
    const number = el("span", { class: "number", "aria-hidden": "true" }, String(index + 1));
    return el("button", { type: "button", class: "choice", click: (event) => choose(choice, event) }, number, choice.label);
  }

  function more() {
    all = true;
    update({ active: true, chosen: null });
    list.querySelectorAll("button")[MOST_AT_ONCE].focus();
  }

  return { element, update };
}

function past(choice, chosen) {
  return el("span", { class: chosen ? "past chosen" : "past" }, choice.label, chosen && ` ${say("chosen")}`);
}

/** Returns the question as paragraphs, without the numbered lines that the buttons say. */
function question(message) {
  const numbered = message.choices.map((choice, index) => `${index + 1}. ${choice.label}`);
  const lines = message.text.split("\n").filter((line) => !numbered.includes(line));
  return lines.map((line) => el("p", {}, line));
}
