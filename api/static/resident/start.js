// Where a conversation starts: life events, wanted and recent items, and addresses that name an item (/#/items/{id}).

import { onKept, read, write } from "./kept.js";
import { el, fill } from "../shared/dom.js";

const KEY = "recent";
const MOST = 6;
const ADDRESS = /^#\/items\/([a-z0-9_]{1,80})$/;

export class Start {
  /** `ask(id, event)` asks for an item. */
  constructor(section, ask) {
    this.section = section;
    this.recent = section.querySelector("[data-recent]");
    // Without script the entries lead to the items' own pages.
    section.addEventListener("click", (event) => {
      const entry = event.target.closest("[data-ask]");
      if (entry === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      ask(entry.getAttribute("data-ask"), event);
    });
    onKept((key) => {
      if (key === KEY) this.show();
    });
    this.show();
  }

  /** Remembers an item that was answered about. */
  remember({ id, title }) {
    const others = read(KEY, []).filter((item) => item.id !== id);
    write(KEY, [{ id, title }].concat(others).slice(0, MOST));
    this.show();
  }

  show() {
    const items = read(KEY, []);
    this.recent.hidden = items.length === 0;
    const links = items.map(({ id, title }) => {
      return el("li", {}, el("a", { class: "chip", href: `/items/${id}`, "data-ask": id }, title));
    });
    fill(this.recent.querySelector("ul"), links);
  }
}

/** Returns the item that the address names, and takes it out of the address: coming back must not ask again. */
export function takeFromAddress() {
  const found = ADDRESS.exec(location.hash);
  if (found === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return found[1];
}
