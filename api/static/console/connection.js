// Brings what happens at the desk: by WebSocket, by poll where there is none; gives the sign of life; comes back.

import { call, Refusal } from "./calls.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10000;
const OPENING = 6000;
const SIGN_EVERY = 20000;
const POLL_EVERY = 3000;
const FAILURES_BEFORE_POLLING = 2;
const POLLS_BEFORE_TRYING_AGAIN = 20;

export class Connection {
  /**
   * `on` has board, colleagues, ticket, entry(number, entry), typing(number), gone(number), over() and
   * state("live" | "polling" | "lost", isBack), each called as it happens.
   */
  constructor(on) {
    this.on = on;
    this.watched = null;
    this.after = () => 0;
    this.polledUpTo = 0;
    this.failures = 0;
    this.polls = 0;
    this.wait = FIRST_WAIT;
    this.socket = null;
    this.timer = null;
    this.ended = false;
    this.isActive = true;
    ["keydown", "pointerdown"].forEach((name) => addEventListener(name, () => (this.isActive = true), true));
    addEventListener("online", () => this.again());
    addEventListener("offline", () => this.drop());
    setInterval(() => this.sign(), SIGN_EVERY);
    this.begin();
  }

  /** Says which ticket is on the screen; `after()` up to which entry it has been read. */
  watch(number, after) {
    this.watched = number;
    this.after = after;
    this.tell({ type: "watch", ticket: number, after: number === null ? 0 : after() });
  }

  /** Says that the agent is writing; by a call of its own where there is no socket. */
  typing(number) {
    if (!this.tell({ type: "typing", ticket: number })) call("POST", `tickets/${number}/typing`).catch(() => {});
  }

  tell(frame) {
    if (this.socket === null || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  sign() {
    if (this.tell({ type: "here", active: this.isActive })) this.isActive = false;
  }

  begin() {
    clearTimeout(this.timer);
    if (this.ended) return;
    if ("WebSocket" in window && this.failures < FAILURES_BEFORE_POLLING) this.open();
    else this.poll();
  }

  again() {
    if (this.socket !== null || this.ended) return;
    this.wait = FIRST_WAIT;
    this.begin();
  }

  drop() {
    const { socket } = this;
    this.socket = null;
    if (socket !== null) socket.close();
    this.later();
  }

  end() {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    if (this.socket !== null) this.socket.close();
    this.on.over();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/console/live`);
    let greeted = false;
    this.socket = socket;
    const slow = setTimeout(() => socket.close(), OPENING);
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      if (!greeted) {
        greeted = true;
        clearTimeout(slow);
        this.failures = 0;
        this.wait = FIRST_WAIT;
        this.on.state("live");
        if (this.watched !== null) this.watch(this.watched, this.after);
      }
      this.hear(JSON.parse(event.data));
    };
    socket.onclose = () => {
      clearTimeout(slow);
      if (socket !== this.socket) return;
      this.socket = null;
      if (!greeted) this.failures += 1;
      this.check();
    };
  }

  /** Asks whether it is the session that is over, and tries again where it is not. */
  async check() {
    this.later();
    try {
      await call("GET", "colleagues");
    } catch (error) {
      if (isOver(error)) this.end();
    }
  }

  hear(frame) {
    if (frame.type === "board") this.on.board(frame.board);
    else if (frame.type === "colleagues") this.on.colleagues(frame.colleagues);
    else if (frame.type === "ticket") this.on.ticket(frame.ticket);
    else if (frame.type === "entry") this.on.entry(frame.ticket, frame.entry);
    else if (frame.type === "typing") this.on.typing(frame.ticket);
    else if (frame.type === "gone") this.on.gone(frame.ticket);
  }

  async poll() {
    const number = this.watched;
    const named = number === null ? "" : `&ticket=${number}`;
    try {
      const heard = await call("GET", `changes?after=${this.polledUpTo}${named}`);
      this.polledUpTo = heard.after;
      this.wait = FIRST_WAIT;
      this.on.state("polling");
      this.on.board(heard.board);
      this.on.colleagues(heard.colleagues);
      heard.entries.forEach(({ ticket, entry }) => this.on.entry(ticket, entry));
      if (number !== null && number === this.watched) {
        if (heard.ticket === null) this.on.gone(number);
        else this.on.ticket(heard.ticket);
      }
      heard.typing.forEach((typing) => this.on.typing(typing));
      this.polls += 1;
      if (this.polls > POLLS_BEFORE_TRYING_AGAIN) {
        this.polls = 0;
        this.failures = FAILURES_BEFORE_POLLING - 1;
      }
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.begin(), POLL_EVERY);
    } catch (error) {
      if (isOver(error)) this.end();
      else this.later(error.retryAfter || 0);
    }
  }

  later(seconds = 0) {
    if (this.ended) return;
    this.on.state("lost");
    clearTimeout(this.timer);
    const wait = Math.max(seconds * 1000, this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.timer = setTimeout(() => this.begin(), wait);
  }
}

function isOver(error) {
  return error instanceof Refusal && (error.status === 401 || error.code === "role_needed");
}
