// The right pane: what the guide says on what is spoken of, or on what is looked for; a key puts it into the reply.

import { button } from "../resident/dom.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { call } from "./calls.js";

const TYPING_PAUSE = 80;
const TALK_PAUSE = 250;
const KEYS = 9;

export class Facts {
  /** `on` has insert(text, facet). */
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.field = root.querySelector("input");
    this.list = root.querySelector("[data-blocks]");
    this.none = root.querySelector("[data-facts-none]");
    this.title = root.querySelector("[data-facts-title]");
    this.back = root.querySelector("[data-facts-back]");
    this.number = null;
    this.asked = 0;
    this.timer = null;
    this.blocks = [];
    this.field.addEventListener("input", () => this.soon(TYPING_PAUSE));
    this.field.addEventListener("keydown", (event) => this.onFieldKey(event));
    this.list.addEventListener("keydown", (event) => this.onListKey(event));
    root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.back.addEventListener("click", () => this.leaveSearch());
  }

  open(number) {
    this.number = number;
    if (this.field.value.trim() === "") this.soon(0);
  }

  /** Looks again, since something was said. */
  said() {
    if (this.field.value.trim() === "") this.soon(TALK_PAUSE);
  }

  leaveSearch() {
    this.field.value = "";
    this.soon(0);
  }

  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), pause);
  }

  async look() {
    const words = this.field.value.trim();
    this.asked += 1;
    const { asked, number } = this;
    this.title.textContent = say(words === "" ? "facts_from_talk" : "facts_from_search");
    this.back.hidden = words === "";
    if (words === "" && number === null) return this.show([], "facts_none_yet");
    const query = words === "" ? `ticket=${number}` : `q=${encodeURIComponent(words)}`;
    try {
      const { suggestions } = await call("GET", `suggestions?${query}`);
      if (asked === this.asked) this.show(suggestions, words === "" ? "facts_none_yet" : "facts_not_found");
    } catch (error) {
      if (asked === this.asked) this.show([], "facts_failed");
    }
    return undefined;
  }

  show(blocks, whenNone) {
    this.none.textContent = blocks.length === 0 ? say(whenNone) : "";
    if (JSON.stringify(blocks) === JSON.stringify(this.blocks)) return;
    this.blocks = blocks;
    this.list.hidden = blocks.length === 0;
    const titles = blocks.map((block, place) => (place > 0 && blocks[place - 1].item === block.item ? null : block.title));
    fill(
      this.list,
      blocks.map((block, place) => this.view(block, place + 1, titles[place])),
    );
    this.list.scrollTop = 0;
  }

  view(block, key, title) {
    const name = [block.facet_name].concat(block.branch).join(" · ");
    const insert = button(say("facts_insert"), () => this.on.insert(block.insert, block.facet_name), {
      look: "secondary small",
      "data-insert": key,
      "aria-label": `${say("facts_insert")}：${name}`,
    });
    const each = el(
      "details",
      {},
      el("summary", {}, say("facts_each", { count: block.facts.length })),
      el(
        "ul",
        { class: "plain each" },
        block.facts.map((fact) =>
          el(
            "li",
            {},
            el("span", {}, fact.text),
            button(say("facts_insert"), () => this.on.insert(fact.insert, block.facet_name), {
              look: "link",
              "aria-label": `${say("facts_insert_one")}：${fact.text.slice(0, 20)}`,
            }),
          ),
        ),
      ),
    );
    return el(
      "li",
      { class: "block" },
      title !== null && el("p", { class: "block-item" }, title),
      el(
        "div",
        { class: "block-head" },
        key <= KEYS && el("kbd", { title: say("facts_key", { key }) }, String(key)),
        el("span", { class: "block-name" }, name),
        insert,
      ),
      el("p", { class: "block-words" }, block.text),
      el("p", { class: "block-lines" }, say("facts_lines", { lines: block.lines })),
      block.facts.length > 1 && each,
    );
  }

  /** Puts the block of that key into the reply; returns whether there is one. */
  insert(key) {
    const block = this.blocks[key - 1];
    if (block === undefined) return false;
    this.on.insert(block.insert, block.facet_name);
    return true;
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  onFieldKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (this.field.value.trim() !== "") this.insert(1);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      this.step(1);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.leaveSearch();
      this.field.blur();
    }
  }

  onListKey(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.step(event.key === "ArrowDown" ? 1 : -1);
  }

  step(by) {
    const buttons = Array.from(this.list.querySelectorAll("[data-insert]"));
    const at = buttons.indexOf(document.activeElement);
    if (at + by < 0) this.field.focus();
    else if (buttons[at + by]) buttons[at + by].focus();
  }
}
