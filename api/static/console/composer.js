// Writing a reply: kept per ticket until it is sent, sent once, with a warning before personal numbers go out.

import { say } from "../shared/wording.js";
import { call, Refusal } from "./calls.js";
import { problemSentence } from "./problems.js";

const TYPING_EVERY = 3000;
const NEAR_THE_END = 200;

export class Composer {
  /** `on` has typing(number), sent(ticket), warn(confirmed) and refused(). */
  constructor(form, on) {
    this.form = form;
    this.on = on;
    this.field = form.querySelector("textarea");
    this.problem = form.querySelector("[data-say-problem]");
    this.left = form.querySelector("[data-left]");
    this.send = form.querySelector("[data-send]");
    this.number = null;
    this.attempt = null;
    this.typed = 0;
    this.isSending = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
  }

  /** Shows the draft of another ticket. */
  open(number) {
    this.number = number;
    this.attempt = null;
    this.problem.textContent = "";
    this.field.value = kept(number);
    this.count();
  }

  get isOpen() {
    return !this.form.hidden;
  }

  focus() {
    if (this.isOpen) this.field.focus();
  }

  /** Puts `text` at the cursor, on lines of its own. */
  insert(text) {
    const { field } = this;
    const before = field.value.slice(0, field.selectionStart);
    const after = field.value.slice(field.selectionEnd);
    const begin = before === "" || before.endsWith("\n") ? "" : "\n";
    const end = after === "" || after.startsWith("\n") ? "" : "\n";
    const inserted = `${before}${begin}${text}${end}`;
    if (inserted.length + after.length > field.maxLength) {
      this.problem.textContent = say("say_too_long", { most: field.maxLength });
      return;
    }
    field.value = inserted + after;
    field.focus();
    field.setSelectionRange(inserted.length - end.length, inserted.length - end.length);
    field.scrollTop = field.scrollHeight;
    this.changed();
  }

  changed() {
    keep(this.number, this.field.value);
    this.attempt = null;
    this.problem.textContent = "";
    this.count();
    const now = Date.now();
    if (this.field.value !== "" && now - this.typed > TYPING_EVERY) {
      this.typed = now;
      this.on.typing(this.number);
    }
  }

  count() {
    const left = this.field.maxLength - this.field.value.length;
    this.left.textContent = left < NEAR_THE_END ? say("say_left", { left }) : "";
  }

  async submit(confirmed = false) {
    const { number } = this;
    const text = this.field.value;
    if (text.trim() === "" || this.isSending || !this.isOpen) return;
    this.attempt = this.attempt || newId();
    this.busy(true);
    try {
      const body = { text, message_id: this.attempt, confirmed };
      const ticket = await call("POST", `tickets/${number}/say`, body);
      if (kept(number) === text) keep(number, "");
      if (this.number === number) this.open(number);
      this.typed = 0;
      this.on.sent(ticket);
    } catch (error) {
      if (error instanceof Refusal && error.code === "personal_numbers") this.on.warn(() => this.submit(true));
      else if (error instanceof Refusal && error.status === 409) this.on.refused();
      else this.problem.textContent = error instanceof Refusal ? problemSentence(error) : say("say_failed");
    } finally {
      this.busy(false);
    }
  }

  busy(isSending) {
    this.isSending = isSending;
    this.send.setAttribute("aria-disabled", String(isSending));
    this.send.textContent = say(isSending ? "say_sending" : "say_do");
  }
}

function keyOf(number) {
  return `console.draft.${number}`;
}

function kept(number) {
  try {
    return sessionStorage.getItem(keyOf(number)) || "";
  } catch (error) {
    return "";
  }
}

function keep(number, text) {
  try {
    if (text === "") sessionStorage.removeItem(keyOf(number));
    else sessionStorage.setItem(keyOf(number), text);
  } catch (error) {
    // Storage may be full or forbidden: the draft then lives as long as its ticket is on the screen.
  }
}

/** Returns 128 random bits; randomUUID() is only there where the page came by https. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
