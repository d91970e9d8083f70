// Brings what happens in the session: by WebSocket, by long poll where there is none; comes back by itself.

import { call, Refusal } from "./calls.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
const OPENING = 6000;
const POLL_SECONDS = 25;
const FAILURES_BEFORE_POLLING = 2;
const POLLS_BEFORE_TRYING_AGAIN = 8;

export class Connection {
  /**
   * `after()` says which entry was heard last; `on` has entry(entry), desk(desk), erased(), refused() and
   * state("connected" | "waiting"), each called as it happens.
   */
  constructor(session, after, on) {
    this.session = session;
    this.after = after;
    this.on = on;
    this.failures = 0;
    this.polls = 0;
    this.wait = FIRST_WAIT;
    this.timer = null;
    this.socket = null;
    this.ended = false;
    this.back = () => this.again();
    addEventListener("online", this.back);
    addEventListener("offline", (this.away = () => this.on.state("waiting")));
    this.begin();
  }

  begin() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.ended) return;
    const bySocket = "WebSocket" in window && this.failures < FAILURES_BEFORE_POLLING;
    if (bySocket) this.open();
    else this.poll();
  }

  /** Connects anew at once: the network came back, or something that must have come did not. */
  again() {
    if (this.ended) return;
    this.wait = FIRST_WAIT;
    if (this.socket !== null) this.drop();
    if (!this.polling) this.begin();
  }

  end() {
    this.ended = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.back);
    removeEventListener("offline", this.away);
    this.drop();
  }

  typing() {
    if (this.socket !== null && this.socket.readyState === 1) this.socket.send('{"type":"typing"}');
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = new WebSocket(`${scheme}//${location.host}/api/v1/live`);
    } catch (error) {
      this.failures = FAILURES_BEFORE_POLLING; // a browser whose policy does not count it as our own address
      this.later();
      return;
    }
    let greeted = false;
    this.socket = socket;
    const slow = setTimeout(() => socket.close(), OPENING);
    socket.onopen = () => {
      const hello = { type: "hello", session_id: this.session.id, token: this.session.token, after: this.after() };
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      if (!greeted) {
        greeted = true;
        clearTimeout(slow);
        this.failures = 0;
        this.connected();
      }
      this.hear(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      clearTimeout(slow);
      if (socket !== this.socket) return;
      this.socket = null;
      if (!greeted) this.failures += 1;
      // A refused hello closes with 1008 as well; the poll says clearly whether it is the token.
      if (event.code === 1008) this.failures = FAILURES_BEFORE_POLLING;
      this.later();
    };
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    if (socket !== null) socket.close();
  }

  hear(frame) {
    if (frame.type === "entry") this.on.entry(frame.entry);
    else if (frame.type === "desk") this.on.desk(frame.desk);
    else if (frame.type === "erased") this.on.erased();
  }

  async poll() {
    const wait = this.polls === 0 ? 0 : POLL_SECONDS;
    this.polling = true;
    try {
      const path = `sessions/${this.session.id}/entries?after=${this.after()}&wait=${wait}`;
      const heard = await call("GET", path, { token: this.session.token });
      if (this.ended) return;
      this.connected();
      heard.entries.forEach((entry) => this.on.entry(entry));
      this.on.desk(heard.desk);
      this.polls += 1;
      if (this.polls > POLLS_BEFORE_TRYING_AGAIN) {
        this.polls = 0;
        this.failures = FAILURES_BEFORE_POLLING - 1;
      }
      this.timer = setTimeout(() => this.begin(), 0);
    } catch (error) {
      this.polls = 0;
      if (this.ended) return;
      if (error instanceof Refusal && (error.status === 401 || error.status === 404)) this.on.refused();
      else this.later(error.retryAfter);
    } finally {
      this.polling = false;
    }
  }

  connected() {
    this.wait = FIRST_WAIT;
    this.on.state("connected");
  }

  later(seconds = 0) {
    if (this.ended) return;
    this.on.state("waiting");
    const wait = Math.max(seconds * 1000, this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.timer = setTimeout(() => this.begin(), wait);
  }
}
