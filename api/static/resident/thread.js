// Draws the conversation: the latest part of it, in order, and stays at its end unless the reader has scrolled up.

import { cards } from "./late.js";
import { onModeChange } from "../shared/modes.js";
import { say } from "../shared/wording.js";

const AT_ONCE = 40;
const NEAR = 80;
const EXCHANGE = 2;
const TRY_AGAIN = 3000;
const PAUSE = 5 * 60 * 1000;

export class Thread {
  /** `parts` are the elements log, list, earlier, newer; `on` has choose(choice, event) and again(text). */
  constructor(parts, on) {
    this.parts = parts;
    this.on = on;
    this.items = [];
    this.clear();
    const { log, earlier, newer } = parts;
    log.addEventListener("scroll", () => this.look(), { passive: true });
    addEventListener("resize", () => this.stays && this.toEnd());
    earlier.addEventListener("click", () => this.showEarlier());
    newer.addEventListener("click", () => this.toEnd());
    onModeChange(() => this.settle());
  }

  clear() {
    this.views = {};
    this.fresh = [];
    this.hidden = null;
    this.stays = true;
    this.items = [];
    this.parts.list.textContent = "";
    this.parts.earlier.hidden = true;
    this.parts.newer.hidden = true;
    this.parts.list.setAttribute("aria-live", "off");
  }

  /** Draws `items` soon; several that come at once are drawn at once. */
  show(items) {
    this.items = items;
    if (this.drawing) return;
    this.drawing = true;
    const begin = ({ entryView }) => {
      this.entryView = entryView;
      // No animation frame: a tab in the background gets none.
      setTimeout(() => {
        this.drawing = false;
        this.draw();
      }, 0);
    };
    const again = () => {
      this.drawing = false;
      setTimeout(() => this.show(this.items), TRY_AGAIN);
    };
    cards().then(begin, again);
  }

  draw() {
    const { list, earlier } = this.parts;
    this.look();
    const said = this.items.filter((item) => item.author !== "bot" || item.turn.messages.length > 0);
    const isFirst = this.hidden === null;
    if (isFirst) this.hidden = Math.max(0, said.length - AT_ONCE);
    earlier.hidden = this.hidden === 0;
    const fresh = [];
    let place = list.firstElementChild;
    said.slice(this.hidden).forEach((item) => {
      if (this.views[item.key] === undefined) {
        this.views[item.key] = this.entryView(item, this.on);
        fresh.push(item);
      }
      const { element } = this.views[item.key];
      if (element === place) place = place.nextElementSibling;
      else list.insertBefore(element, place);
    });
    this.settle();
    // The first question and its answer are drawn together where the cards come late.
    if (isFirst && said.length > EXCHANGE) this.toEnd();
    else if (fresh.length > 0) this.follow(fresh);
    if (said.length > 0 && isFirst) setTimeout(() => list.setAttribute("aria-live", "polite"), 500);
    if (said.length === 0) this.hidden = null;
  }

  /** Tells every entry drawn what it is by now: sent, the latest question, after a pause. */
  settle() {
    let asked = null;
    let before = 0;
    const told = {};
    this.items.forEach((item) => {
      const about = (told[item.key] = { active: false, chosen: null, label: null });
      if (item.author === "resident" && item.state !== "refused") {
        const choice = asked && asked.choices.find(({ value }) => value === item.text.trim());
        if (choice) {
          asked.about.chosen = choice.value;
          about.label = choice.label;
        }
        if (asked) asked.about.active = false;
        asked = null;
      } else if (item.author === "bot" && item.turn.messages.length > 0) {
        const message = item.turn.messages.find(({ type }) => type === "choices");
        if (asked) asked.about.active = false;
        about.active = true;
        asked = message ? { about, choices: message.choices } : null;
      }
      const view = this.views[item.key];
      if (view !== undefined) {
        view.when.hidden = item.at - before < PAUSE;
        if (!view.when.hidden) view.when.textContent = moment(new Date(item.at));
        before = item.at;
      }
    });
    this.items.forEach((item) => this.views[item.key] && this.views[item.key].update(item, told[item.key]));
  }

  follow(fresh) {
    const { log } = this.parts;
    if (!this.stays) return (this.parts.newer.hidden = false);
    const { element } = this.views[fresh[fresh.length - 1].key];
    // Of a long answer the beginning is wanted, under the question it answers.
    if (element.offsetHeight < log.clientHeight - NEAR) return this.toEnd();
    const question = element.previousElementSibling;
    const top = question !== null && question.offsetHeight < log.clientHeight / 3 ? question : element;
    log.scrollTop = top.offsetTop - 8;
    return undefined;
  }

  /** Goes to the end, when something below the entries has grown as well. */
  stayAtEnd() {
    if (this.stays) this.toEnd();
  }

  toEnd() {
    const { log, newer } = this.parts;
    newer.hidden = true;
    log.scrollTop = log.scrollHeight;
    this.stays = true;
  }

  look() {
    const { log, newer } = this.parts;
    this.stays = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (this.stays) newer.hidden = true;
  }

  showEarlier() {
    const { log } = this.parts;
    const below = log.scrollHeight - log.scrollTop;
    this.hidden = Math.max(0, this.hidden - AT_ONCE);
    const { stays } = this;
    this.stays = true;
    this.draw();
    this.stays = stays;
    log.scrollTop = log.scrollHeight - below;
  }
}

function moment(date) {
  const two = (number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const isToday = new Date().toDateString() === date.toDateString();
  return isToday ? time : say("day_and_time", { month: date.getMonth() + 1, day: date.getDate(), time });
}
