// The left pane: the tickets by whose they are, how long they wait and why, and which have something new.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { channelName, reasonName } from "./labels.js";
import { clock, minutesSince, waits } from "./moments.js";

const LISTS = ["mine", "waiting", "others", "ended"];
const AGAIN = 20000;

export class Queue {
  /** `on` has open(number). */
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.rows = {};
    this.board = null;
    this.selected = null;
    this.isUnread = () => false;
    setInterval(() => this.board && this.show(this.board), AGAIN);
  }

  show(board) {
    this.board = board;
    const shown = new Set();
    LISTS.forEach((name) => {
      const list = this.root.querySelector(`[data-list=${name}]`);
      const focused = document.activeElement;
      let place = list.firstElementChild;
      board[name].forEach((line) => {
        shown.add(line.number);
        const row = this.rows[line.number] || (this.rows[line.number] = this.row(line.number));
        this.draw(row, line, name);
        if (row === place) place = place.nextElementSibling;
        else list.insertBefore(row, place);
      });
      if (focused !== document.activeElement && document.contains(focused)) focused.focus();
      this.root.querySelector(`[data-count=${name}]`).textContent = board[name].length || "";
      this.root.querySelector(`[data-none=${name}]`).hidden = board[name].length > 0;
    });
    Object.keys(this.rows).forEach((number) => {
      if (shown.has(number)) return;
      this.rows[number].remove();
      delete this.rows[number];
    });
  }

  row(number) {
    const open = () => this.on.open(number);
    return el("li", {}, el("button", { type: "button", class: "line", "data-number": number, click: open }));
  }

  draw(row, line, name) {
    const isUnread = name === "mine" && this.isUnread(line);
    const isCrisis = line.reason === "crisis" && name !== "ended";
    const button = row.firstElementChild;
    button.className = `line${isCrisis ? " urgent" : ""}${isUnread ? " unread" : ""}`;
    if (line.number === this.selected) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const words = [line.number, time(line, name), line.reason, isUnread, line.has_contact, line.agent, preview(line)];
    const drawn = JSON.stringify(words);
    if (row.dataset.drawn === drawn) return;
    row.dataset.drawn = drawn;
    fill(
      button,
      el(
        "span",
        { class: "line-top" },
        el("span", { class: "line-number" }, line.number),
        " ",
        el("span", { class: `tag reason-${line.reason}` }, reasonName(line.reason)),
        " ",
        line.channel === "web" ? null : el("span", { class: "tag" }, channelName(line.channel)),
        isUnread && el("span", { class: "dot" }, say("unread")),
      ),
      el("span", { class: "line-time" }, time(line, name), line.has_contact && ` · ${say("has_contact")}`),
      el("span", { class: "line-words" }, preview(line)),
    );
  }

  select(number) {
    this.selected = number;
    if (this.board) this.show(this.board);
  }

  /** Goes `step` tickets on from the selected one, among those that are shown. */
  move(step) {
    const lines = Array.from(this.root.querySelectorAll(".line")).filter((line) => line.getClientRects().length > 0);
    if (lines.length === 0) return;
    const at = lines.findIndex((line) => line.dataset.number === this.selected);
    const to = at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(lines.length - 1, Math.max(0, at + step));
    lines[to].focus();
    lines[to].scrollIntoView({ block: "nearest" });
    this.on.open(lines[to].dataset.number);
  }
}

function time(line, name) {
  if (name === "ended") return say("ended_at", { time: clock(line.closed) });
  if (name === "others") return say("with_agent", { name: line.agent });
  if (name === "mine") return say("taken_minutes", { minutes: minutesSince(line.taken) });
  return `${say("place_in_queue", { place: line.place })} · ${waits(line.opened)}`;
}

function preview(line) {
  if (line.outcome) return line.outcome;
  return line.last === null ? line.question : line.last.text;
}
