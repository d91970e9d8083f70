// What the resident said and the service has not acknowledged: kept, sent in order, again and again until it has.
//
// Each message has an id of its own, so that sending it twice, from two tabs even, leads one turn.

import { call, NoNetwork, Refusal } from "./calls.js";
import { drop, keysOf, onKept, read, write } from "./kept.js";
import { forget, needed } from "./session.js";

const KEY = "outbox.";
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20000;
const TRIES = 5;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Outbox {
  /**
   * `on` has added(message), sent(message, reply), refused(message, status), later(seconds, status) for too many messages,
   * session(session) when one is there, lost() when the session was not accepted any more.
   */
  constructor(on) {
    this.on = on;
    this.sending = false;
    this.wait = FIRST_WAIT;
    this.timer = null;
    this.notBefore = 0;
    this.fails = {};
    addEventListener("online", () => this.flush());
    onKept((key, message) => {
      if (key.startsWith(KEY) && message !== null) this.on.added(message);
    });
  }

  /** Returns what waits, in the order in which it was said. */
  waiting() {
    const messages = keysOf(KEY).map((key) => read(key));
    return messages.filter((message) => message !== null).sort((a, b) => a.at - b.at);
  }

  add(text, elder) {
    const message = { id: newId(), text, elder, at: Date.now() };
    write(KEY + message.id, message);
    this.on.added(message);
    this.flush();
  }

  /** Forgets everything that was not sent. */
  clear() {
    clearTimeout(this.timer);
    keysOf(KEY).forEach(drop);
  }

  /** Sends what waits, one after the other; one that fails keeps those behind it. */
  async flush() {
    // Too many a minute: whoever asks again too early only waits longer.
    if (this.sending || Date.now() < this.notBefore) return;
    clearTimeout(this.timer);
    this.sending = true;
    try {
      for (let next = this.waiting()[0]; next !== undefined; next = this.waiting()[0]) {
        await this.send(next);
        this.wait = FIRST_WAIT;
      }
    } catch (error) {
      this.retry(error);
    } finally {
      this.sending = false;
    }
  }

  async send(message) {
    const session = await needed();
    this.on.session(session);
    const body = { session_id: session.id, text: message.text, message_id: message.id, elder: message.elder };
    let reply;
    try {
      reply = await call("POST", "chat", { body, token: session.token });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refused(message, session, error);
      return;
    }
    drop(KEY + message.id);
    this.on.sent(message, reply);
  }

  /** Decides what becomes of a refused message. Raises the refusal where sending it again may help. */
  refused(message, session, refusal) {
    const { status } = refusal;
    this.fails[message.id] = (this.fails[message.id] || 0) + 1;
    if (status === 401) {
      forget(session);
      this.on.lost();
    }
    const mayHelp = status === 401 || status === 408 || status === 429 || status >= 500;
    if (mayHelp && (saysWhen(refusal) || this.fails[message.id] < TRIES)) throw refusal;
    drop(KEY + message.id);
    this.on.refused(message, status);
  }

  retry(error) {
    if (!(error instanceof Refusal || error instanceof NoNetwork)) throw error;
    let wait = this.wait;
    if (saysWhen(error)) {
      const seconds = error.retryAfter || 10;
      this.on.later(seconds, error.status);
      wait = seconds * 1000;
      this.notBefore = Date.now() + wait - 50;
    } else if (error.status === 401) {
      wait = 0;
    } else {
      this.on.later(0);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }
    this.timer = setTimeout(() => this.flush(), wait);
  }
}

/** Tells whether the service has no room now and says when to come again. */
function saysWhen(error) {
  return error.status === 429 || (error.status === 503 && Boolean(error.retryAfter));
}
