// Canned replies: chosen by a tap or the arrow keys, added and deleted where they are chosen.

import { button } from "../resident/dom.js";
import { openDialog } from "../shared/dialog.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { call, Refusal } from "./calls.js";

export class Canned {
  /** `on` has use(text) and draft(). */
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.problem = box.querySelector("[data-problem]");
    this.field = box.querySelector("textarea");
    this.forAll = box.querySelector("#for-all");
    this.close = null;
    box.querySelector("[data-new-reply]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.add();
    });
    box.querySelector("[data-from-draft]").addEventListener("click", () => {
      this.field.value = this.on.draft();
      this.field.focus();
    });
    box.addEventListener("keydown", (event) => this.onKey(event));
  }

  async open() {
    this.problem.textContent = "";
    this.close = openDialog(this.box);
    await this.load();
    const first = this.box.querySelector("[data-use]");
    if (first !== null) first.focus();
  }

  async load() {
    try {
      this.show((await call("GET", "canned")).replies);
    } catch (error) {
      this.problem.textContent = say("canned_failed");
    }
  }

  show(replies) {
    const part = (key, shown) =>
      shown.length > 0 && [el("h3", {}, say(key)), el("ul", { class: "plain" }, shown.map((reply) => this.view(reply)))];
    const own = replies.filter(({ shared }) => !shared);
    const shared = replies.filter((reply) => reply.shared);
    fill(
      this.box.querySelector("[data-replies]"),
      replies.length === 0 && el("p", { class: "none" }, say("canned_none")),
      part("canned_own", own),
      part("canned_shared", shared),
    );
  }

  view({ id, text, deletable }) {
    const use = () => {
      this.close();
      this.on.use(text);
    };
    const short = text.slice(0, 20);
    return el(
      "li",
      { class: "reply" },
      button(text, use, { look: "quiet use", "data-use": true, "aria-label": say("canned_use", { text }) }),
      deletable &&
        button(say("canned_delete"), () => this.delete(id), {
          look: "link",
          "aria-label": say("canned_delete_of", { text: short }),
        }),
    );
  }

  async add() {
    const text = this.field.value.trim();
    if (text === "") return this.field.focus();
    try {
      await call("POST", "canned", { text, shared: this.forAll !== null && this.forAll.checked });
      this.field.value = "";
      this.problem.textContent = "";
      await this.load();
    } catch (error) {
      const isFull = error instanceof Refusal && error.code === "too_many_replies";
      this.problem.textContent = say(isFull ? "canned_too_many" : "canned_failed");
    }
    return undefined;
  }

  async delete(id) {
    try {
      await call("DELETE", `canned/${id}`);
    } catch (error) {
      this.problem.textContent = say("canned_failed");
    }
    await this.load();
    this.field.focus();
  }

  onKey(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const uses = Array.from(this.box.querySelectorAll("[data-use]"));
    const at = uses.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    const to = uses[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (to) to.focus();
  }
}
