// The field and what it finds: one call a keystroke, late answers dropped; a list that arrow keys go through.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { Problem, call } from "./calls.js";

const PAUSE_MS = 40;
const MOST_KEPT = 200;
const MOST_FACTS = 2;

/**
 * Wires the field. `idle()` returns the groups that are listed while nothing is typed: {title, items} each;
 * `open(item, facets)` is called for what is chosen; `onEscape()` when an empty field is left by Escape.
 */
export function wireSearch({ idle, open, onEscape }) {
  const field = document.getElementById("field");
  const list = document.getElementById("results");
  const count = document.querySelector("[data-count]");
  const problem = document.querySelector("[data-find-problem]");
  const clear = document.querySelector("[data-clear]");
  const known = new Map();
  let edition = null;
  let options = [];
  let facets = [];
  let active = -1;
  let opened = null;
  let shown = "";
  let timer = null;
  let calling = null;
  let isEnterWaiting = false;

  function typed() {
    return field.value.trim();
  }

  // ------------------------------------------------------------ asking

  function onInput() {
    clear.hidden = field.value === "";
    isEnterWaiting = false;
    clearTimeout(timer);
    const query = typed();
    if (query === shown && query !== "") return;
    if (query === "") showIdle();
    else if (known.has(query)) take(query, known.get(query));
    else timer = setTimeout(() => ask(query), PAUSE_MS);
  }

  async function ask(query) {
    if (calling) calling.abort();
    calling = window.AbortController ? new AbortController() : null;
    try {
      const path = `/api/v1/search?q=${encodeURIComponent(query)}&limit=30`;
      const found = await call("GET", path, { signal: calling ? calling.signal : undefined });
      if (known.size >= MOST_KEPT) known.clear();
      known.set(query, found);
      // Whoever has typed on meanwhile waits for another answer.
      if (query === typed()) take(query, found);
    } catch (error) {
      if (error.name === "AbortError" || query !== typed()) return;
      if (!(error instanceof Problem)) throw error;
      fill(problem, error.sentence);
      if (error.status === 429 || error.status === 0) timer = setTimeout(() => ask(query), Math.max(1, error.wait) * 1000);
    }
  }

  function take(query, found) {
    shown = query;
    facets = found.facets;
    fill(problem);
    show([{ title: null, items: found.hits.map(optionOf) }]);
    count.textContent = found.hits.length ? say("results_count", { count: found.hits.length }) : say("results_none");
    activate(options.length ? 0 : -1);
    if (isEnterWaiting && options.length) choose(0);
    isEnterWaiting = false;
  }

  /** Lists what stands there while nothing is typed. */
  function showIdle() {
    if (calling) calling.abort();
    shown = "";
    facets = [];
    fill(problem);
    count.textContent = "";
    show(idle());
    activate(-1);
  }

  // ------------------------------------------------------------ the list

  function optionOf(hit) {
    const isTitle = hit.why.kind === "title" && hit.title.indexOf(hit.why.matched) >= 0;
    return {
      id: hit.id,
      title: hit.title,
      marked: isTitle ? hit.why.matched : "",
      why: isTitle ? "" : say("why", { kind: say(`why_${hit.why.kind}`), matched: hit.why.matched }),
      facts: hit.facts.slice(0, MOST_FACTS).map((fact) => fact.text),
    };
  }

  function show(groups) {
    options = [];
    fill(list, ...groups.filter((group) => group.items.length).map(groupOf));
    list.scrollTop = 0;
    field.setAttribute("aria-expanded", String(options.length > 0));
  }

  function groupOf(group) {
    const rows = group.items.map((item) => {
      const index = options.push({ ...item, group: group.name || null }) - 1;
      return el(
        "div",
        { class: item.id === opened ? "option-row is-open" : "option-row", id: `option-${index}`, role: "option", "aria-selected": "false", "data-item": item.id,
          mousedown: (event) => event.preventDefault(), click: () => choose(index) },
        el("span", { class: "option-title" }, ...marked(item.title, item.marked)),
        item.why && el("span", { class: "option-why" }, item.why),
        ...(item.facts || []).map((text) => el("span", { class: "option-fact" }, text))
      );
    });
    if (!group.title) return el("div", { role: "presentation" }, ...rows);
    return el("div", { role: "group", "aria-label": group.title }, el("p", { class: "group-title", "aria-hidden": "true" }, group.title), ...rows);
  }

  function marked(title, part) {
    const at = part ? title.indexOf(part) : -1;
    if (at < 0) return [title];
    return [title.slice(0, at), el("mark", {}, part), title.slice(at + part.length)];
  }

  function activate(index) {
    const before = list.querySelector("[aria-selected=true]");
    if (before) before.setAttribute("aria-selected", "false");
    active = index;
    if (index < 0) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    const row = document.getElementById(`option-${index}`);
    row.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", row.id);
    if (row.offsetTop < list.scrollTop) list.scrollTop = row.offsetTop - 40;
    else if (row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
    }
  }

  function choose(index) {
    activate(index);
    open(options[index], facets);
  }

  // ------------------------------------------------------------ keys

  function onKey(event) {
    // The input method has these keys while somebody composes.
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (options.length === 0) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate(active < 0 && step < 0 ? options.length - 1 : (active + step + options.length) % options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (typed() !== shown) isEnterWaiting = true;
      else if (active >= 0) choose(active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (field.value === "") onEscape();
      else empty();
    }
  }

  function empty() {
    field.value = "";
    onInput();
    field.focus();
  }

  field.addEventListener("input", onInput);
  field.addEventListener("keydown", onKey);
  clear.addEventListener("click", empty);
  document.querySelector("[data-find]").addEventListener("submit", (event) => event.preventDefault());

  return {
    field,
    empty,
    focus() {
      field.focus();
      field.select();
    },
    /** Lists anew what stands there while nothing is typed, `item` of `group` being the one chosen. */
    refresh(item = null, group = null) {
      if (typed() !== "") return;
      showIdle();
      if (item) activate(options.findIndex((option) => option.id === item && option.group === group));
    },
    /** The option that is chosen at the moment. */
    active: () => options[active] || null,
    /** Forgets what was found in another edition. */
    inEdition(now) {
      if (edition !== null && edition !== now) known.clear();
      edition = now;
    },
    /** Marks the item that is open. */
    mark(item) {
      opened = item;
      list.querySelectorAll(".option-row").forEach((row) => row.classList.toggle("is-open", row.getAttribute("data-item") === item));
    },
  };
}
