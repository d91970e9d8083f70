// The conversation as a list in order: what was said on either side, and what is still on its way.

const ON_ITS_WAY = 1e12;

export class Transcript {
  /** `on` has put(item) for one that is new or changed, and cleared(). */
  constructor(on) {
    this.on = on;
    this.reset();
  }

  reset() {
    this.items = [];
    this.heard = 0;
    this.on.cleared();
  }

  /** The number of the last entry that came in order; what a new connection asks after. */
  get cursor() {
    return this.heard;
  }

  /** Takes an entry of the service, from either way it may come, once or twice. */
  receive(entry) {
    this.heard = Math.max(this.heard, entry.seq);
    this.put(keyOf(entry), {
      seq: entry.seq,
      order: entry.seq,
      author: entry.author,
      name: entry.name,
      text: entry.text,
      turn: entry.turn,
      at: Date.parse(entry.at),
      state: "sent",
    });
  }

  /** Shows a message of the outbox. */
  pending(message) {
    if (this.find(`m:${message.id}`) !== undefined) return;
    const order = ON_ITS_WAY + message.at / 1e3;
    this.put(`m:${message.id}`, { order, author: "resident", text: message.text, at: message.at, state: "sending" });
  }

  /** Takes the reply to a message; its entries may have come already, or follow. */
  acknowledge(message, reply) {
    const own = this.find(`m:${message.id}`);
    const order = reply.seq === null ? ON_ITS_WAY + message.at / 1e3 : reply.seq;
    if (own !== undefined && own.state !== "sent") {
      this.put(own.key, { ...own, order: order - 0.5, state: "sent" });
    }
    if (reply.messages.length > 0 && this.find(`r:${message.id}`) === undefined) {
      const said = { seq: reply.seq, order, author: "bot", text: "", turn: reply, at: Date.now(), state: "sent" };
      this.put(`r:${message.id}`, said);
    }
  }

  /** Marks a message that will not be sent again. */
  refuse(message) {
    const own = this.find(`m:${message.id}`);
    if (own !== undefined) this.put(own.key, { ...own, state: "refused" });
  }

  /** Adds a line that only this page says. */
  note(text) {
    const last = this.items[this.items.length - 1];
    const order = last === undefined ? 0 : last.order + 1e-6;
    this.put(`n:${Date.now()}:${this.items.length}`, { order, author: "system", text, at: Date.now(), state: "sent" });
  }

  find(key) {
    return this.items.find((item) => item.key === key);
  }

  put(key, content) {
    const known = this.find(key);
    const item = { ...content, key };
    if (known !== undefined) this.items.splice(this.items.indexOf(known), 1);
    let place = this.items.length;
    while (place > 0 && this.items[place - 1].order > item.order) place -= 1;
    this.items.splice(place, 0, item);
    this.on.put(item);
  }
}

function keyOf(entry) {
  if (entry.message_id && entry.author === "resident") return `m:${entry.message_id}`;
  if (entry.message_id && entry.author === "bot") return `r:${entry.message_id}`;
  return `s:${entry.seq}`;
}
