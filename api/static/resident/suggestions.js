// Items offered while one types: a list box steered from the field by ↑ ↓ Enter Escape, read out as one goes.

import { call } from "./calls.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";

const PAUSE = 160;
const LONGEST = 24;

export class Suggestions {
  /** `pick(suggestion)` is called with what was chosen. */
  constructor(composer, list, spoken, pick) {
    this.composer = composer;
    this.field = composer.field;
    this.list = list;
    this.spoken = spoken;
    this.pick = pick;
    this.found = [];
    this.active = -1;
    this.timer = null;
    this.field.addEventListener("input", (event) => this.later(event));
    this.field.addEventListener("compositionend", (event) => this.later(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 200));
  }

  later(event) {
    clearTimeout(this.timer);
    const text = this.field.value.trim();
    if (text.length === 0 || text.length > LONGEST || this.field.value.includes("\n")) return this.close();
    if (event.type === "input" && this.composer.isComposing(event)) return undefined;
    this.timer = setTimeout(() => this.ask(text), PAUSE);
    return undefined;
  }

  async ask(text) {
    let found;
    try {
      found = (await call("GET", `suggest?q=${encodeURIComponent(text)}`)).suggestions;
    } catch (error) {
      return; // one can type on without
    }
    // What was typed since has asked anew.
    if (this.field.value.trim() === text && document.activeElement === this.field) this.show(found);
  }

  show(found) {
    this.found = found;
    this.active = -1;
    this.field.removeAttribute("aria-activedescendant");
    fill(this.list, found.map((suggestion, index) => this.option(suggestion, index)));
    this.list.hidden = found.length === 0;
    this.spoken.textContent = found.length === 0 ? "" : say("suggestions_found", { count: found.length });
  }

  option(suggestion, index) {
    const also = suggestion.title !== suggestion.label && el("span", { class: "also" }, suggestion.title);
    const option = el("li", { role: "option", id: `suggestion-${index}`, "aria-selected": "false" }, suggestion.label, also);
    // Before the field loses focus, which closes the list.
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.choose(index));
    return option;
  }

  close() {
    clearTimeout(this.timer);
    if (!this.list.hidden) this.show([]);
  }

  /** Deals with a key where the list is open; returns whether it did. */
  keydown(event) {
    if (this.list.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) this.move(step);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Goes round through the options and "none", where Enter sends what was typed. */
  move(step) {
    const places = this.found.length + 1;
    this.active = ((this.active + 1 + step + places) % places) - 1;
    Array.from(this.list.children).forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.active));
      if (index === this.active) option.scrollIntoView({ block: "nearest" });
    });
    if (this.active >= 0) this.field.setAttribute("aria-activedescendant", `suggestion-${this.active}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  choose(index) {
    const chosen = this.found[index];
    this.close();
    this.composer.put("");
    this.pick(chosen);
  }
}
