// The field one writes in: grows with its words, sends on Enter, waits for the input method, counts near the limit.

import { say } from "../shared/wording.js";

const COUNT_FROM = 50;
const TYPING_EVERY = 3000;

export class Composer {
  /** `on` has send(text), typing(), and keydown(event), which says true where it has dealt with a key itself. */
  constructor(form, on) {
    this.form = form;
    this.field = form.querySelector("textarea");
    this.counter = form.querySelector("[data-counter]");
    this.on = on;
    this.composing = false;
    this.typed = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("compositionstart", () => (this.composing = true));
    this.field.addEventListener("compositionend", () => (this.composing = false));
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.changed());
    this.changed();
  }

  /** Tells whether an input method is in the middle of a word. */
  isComposing(event) {
    return this.composing || event.isComposing || event.keyCode === 229;
  }

  key(event) {
    if (this.isComposing(event) || this.on.keydown(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }

  changed() {
    const { field } = this;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
    const left = field.maxLength - field.value.length;
    this.counter.hidden = left > COUNT_FROM;
    this.counter.textContent = left > COUNT_FROM ? "" : say("characters_left", { left });
    if (field.value !== "" && Date.now() - this.typed > TYPING_EVERY) {
      this.typed = Date.now();
      this.on.typing();
    }
  }

  send() {
    const text = this.field.value.trim();
    if (text !== "") {
      this.put("");
      this.on.send(text);
    }
    this.focus();
  }

  /** Puts `text` into the field. */
  put(text) {
    this.field.value = text;
    this.changed();
  }

  focus() {
    this.field.focus();
  }

  /** Focuses where that opens no keyboard over half the screen; returns whether it did. */
  focusGently(event) {
    const byKeyboard = event !== undefined && event.detail === 0;
    const fitting = byKeyboard || matchMedia("(hover: hover) and (pointer: fine)").matches;
    if (fitting) this.field.focus();
    return fitting;
  }
}
