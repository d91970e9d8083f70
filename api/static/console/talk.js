// The middle pane: one ticket, its state, what agents should know, and the conversation as it goes on.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { NAME } from "./calls.js";
import { entryView, underwayView } from "./entry.js";
import { channelName, reasonName } from "./labels.js";
import { clock, waits } from "./moments.js";

const NEAR = 60;
const TYPING = 6000;

export class Talk {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.ticket = null;
    this.views = {};
    this.entries = [];
    this.stays = true;
    this.typingUntil = null;
    const log = this.part("log");
    log.addEventListener("scroll", () => this.look(), { passive: true });
    addEventListener("resize", () => this.stays && this.toEnd());
    this.part("newer").addEventListener("click", () => this.toEnd());
    setInterval(() => this.ticket && this.state(), 20000);
  }

  get number() {
    return this.ticket === null ? null : this.ticket.number;
  }

  get isMine() {
    return this.ticket !== null && this.ticket.state === "taken" && this.ticket.agent === NAME;
  }

  get canTake() {
    return this.ticket !== null && this.ticket.state === "waiting";
  }

  lastSeq() {
    return this.entries.length === 0 ? 0 : this.entries[this.entries.length - 1].seq;
  }

  clear() {
    this.ticket = null;
    this.part("nothing").hidden = false;
    this.part("ticket").hidden = true;
  }

  /** Shows a conversation; what is behind `readUpTo` is marked as new. */
  open({ ticket, entries, earlier }, readUpTo) {
    this.entries = [];
    this.views = {};
    this.part("entries").textContent = "";
    this.part("entries").setAttribute("aria-live", "off");
    this.part("earlier").hidden = !earlier;
    this.part("nothing").hidden = true;
    this.part("ticket").hidden = false;
    this.part("summary").open = false;
    this.stopTyping();
    this.update(ticket);
    entries.forEach((entry) => this.add(entry));
    this.mark(readUpTo);
    this.toEnd();
    setTimeout(() => this.part("entries").setAttribute("aria-live", "polite"), 500);
  }

  mark(readUpTo) {
    const first = this.entries.find(({ seq, author }) => seq > readUpTo && author === "resident");
    if (readUpTo === 0 || first === undefined) return;
    const { element } = this.views[first.seq];
    element.parentNode.insertBefore(el("p", { class: "new-mark" }, say("new_here")), element);
  }

  /** Takes in an entry; returns whether it was new. */
  add(entry) {
    if (this.views[entry.seq] !== undefined) return false;
    const isSilent = entry.author === "bot" && entry.text === "";
    const view = entryView(entry, this.number);
    this.views[entry.seq] = view;
    const at = this.entries.findIndex(({ seq }) => seq > entry.seq);
    const after = at < 0 ? [] : this.entries.slice(at);
    this.entries.splice(at < 0 ? this.entries.length : at, 0, entry);
    if (entry.author === "bot") this.read(entry);
    if (isSilent) return true;
    const next = after.map(({ seq }) => this.views[seq].element).find((element) => element.parentNode !== null);
    this.part("entries").insertBefore(view.element, next || null);
    if (entry.author === "resident") this.stopTyping();
    if (entry.author === "agent") this.drawUnderway(this.ticket.underway.filter((words) => !isSame(words, entry)));
    if (this.stays || entry.author === "agent") this.toEnd();
    else this.part("newer").hidden = false;
    return true;
  }

  /** Puts what the bot understood under the words that it understood. */
  read(entry) {
    const said = this.entries.filter(({ seq, author }) => seq < entry.seq && author === "resident");
    if (said.length > 0 && entry.understood !== null) this.views[said[said.length - 1].seq].read(entry.understood);
  }

  why() {
    const said = this.entries.filter(({ author }) => author === "resident");
    if (said.length === 0) return;
    const view = this.views[said[said.length - 1].seq];
    view.why();
    view.element.scrollIntoView({ block: "nearest" });
  }

  update(ticket) {
    // What the socket tells may have been read before what a call has answered meanwhile.
    if (ticket.number === this.number && ticket.read_at < this.ticket.read_at) return;
    this.ticket = ticket;
    this.part("number").textContent = say("ticket_heading", { number: ticket.number });
    fill(
      this.part("tags"),
      el("span", { class: `tag reason-${ticket.reason}` }, reasonName(ticket.reason)),
      " ",
      el("span", { class: "tag" }, channelName(ticket.channel)),
    );
    this.state();
    const isOpen = ticket.state === "waiting" || ticket.state === "taken";
    this.part("crisis").hidden = !(isOpen && ticket.reason === "crisis");
    this.part("contact").hidden = ticket.contact === null;
    if (ticket.contact !== null) {
      this.part("contact").textContent = `${say("contact_is", { contact: ticket.contact })}（${say("contact_for")}）`;
    }
    this.part("notes").hidden = ticket.notes.length === 0;
    fill(
      this.part("notes").querySelector("ul"),
      ticket.notes.map(({ name, at, text }) =>
        el("li", {}, el("span", { class: "note-by" }, say("note_by_at", { name: name || "", time: clock(at) })), text),
      ),
    );
    this.part("summary").hidden = ticket.summary.length < 2;
    fill(
      this.part("summary").querySelector("ol"),
      ticket.summary.slice(0, -1).map((line) => el("li", {}, line)),
    );
    const { isMine, canTake } = this;
    this.part("take").hidden = !canTake;
    ["hand", "release", "close-ticket"].forEach((name) => (this.part(name).hidden = !isMine));
    this.part("composer").hidden = !isMine;
    this.part("cannot").hidden = isMine;
    this.part("take-below").hidden = !canTake;
    this.part("cannot").querySelector("span").textContent = cannot(ticket);
    this.drawUnderway(ticket.underway.filter((words) => !this.entries.some((entry) => isSame(words, entry))));
  }

  state() {
    const { ticket } = this;
    const parts = [sentence(ticket)];
    if (ticket.state === "waiting" || ticket.state === "taken") parts.push(say(`reach_${ticket.reach.state}`));
    if (ticket.reach.note) parts.push(ticket.reach.note);
    this.part("state").textContent = parts.join(" · ");
  }

  drawUnderway(words) {
    this.ticket.underway = words;
    fill(this.part("underway"), words.map(underwayView));
    if (words.length > 0 && this.stays) this.toEnd();
  }

  typing() {
    this.part("typing").textContent = say("resident_typing");
    clearTimeout(this.typingUntil);
    this.typingUntil = setTimeout(() => this.stopTyping(), TYPING);
    if (this.stays) this.toEnd();
  }

  stopTyping() {
    clearTimeout(this.typingUntil);
    this.part("typing").textContent = "";
  }

  toEnd() {
    const log = this.part("log");
    this.part("newer").hidden = true;
    log.scrollTop = log.scrollHeight;
    this.stays = true;
  }

  look() {
    const log = this.part("log");
    this.stays = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (this.stays) this.part("newer").hidden = true;
  }
}

function isSame(words, entry) {
  return entry.author === "agent" && entry.text === words.text && entry.at === words.at;
}

function sentence(ticket) {
  if (ticket.state === "waiting") return say("ticket_waiting", { place: ticket.place || 1, waits: waits(ticket.opened) });
  if (ticket.state === "called_off") return say("ticket_called_off");
  if (ticket.state === "closed") return say("ticket_closed", { outcome: ticket.outcome || "" });
  return ticket.agent === NAME ? say("ticket_mine") : say("ticket_with", { name: ticket.agent || "" });
}

function cannot(ticket) {
  if (ticket.state === "waiting") return say("say_take_first");
  return ticket.state === "taken" ? say("say_not_yours", { name: ticket.agent || "" }) : say("say_over");
}
