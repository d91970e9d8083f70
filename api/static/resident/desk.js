// Whether a person has the conversation: in the queue, who came, typing, gone again.

import { say } from "../shared/wording.js";

export class Desk {
  /** `on` has ended() when a person's part is over. */
  constructor(bar, on) {
    this.bar = bar;
    this.words = bar.querySelector("[data-desk]");
    this.cancel = bar.querySelector("[data-cancel]");
    this.on = on;
    this.state = "none";
    this.typing = null;
  }

  get isTaken() {
    return this.state === "taken";
  }

  show(desk) {
    const before = this.state;
    this.state = desk.state;
    this.typing = desk.state === "taken" && desk.typing ? say("agent_typing", { name: desk.agent || "" }) : null;
    this.bar.hidden = desk.state === "none";
    this.cancel.hidden = desk.state !== "waiting";
    const words = sentence(desk);
    if (this.words.textContent !== words) this.words.textContent = words;
    if (before === "taken" && desk.state === "none") this.on.ended();
  }
}

function sentence({ state, ticket, place, agent }) {
  if (state === "waiting") return say(place > 1 ? "queue_place" : "queue_next", { ticket, ahead: place - 1 });
  return state === "taken" ? say("agent_is_here", { name: agent || "" }) : "";
}
