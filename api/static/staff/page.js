// The staff lookup: what is open stands in the address, so that reload, "back" and a login lead to it again.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { Problem, call, wireLogOut } from "./calls.js";
import { showComparison, toggleDifferent } from "./compare.js";
import { openCopying } from "./copying.js";
import { button } from "./dom.js";
import { recent, remember } from "./kept.js";
import { openKeys, wireKeys } from "./keys.js";
import { notesOn } from "./notes.js";
import { isPinned, loadPins, movePin, pinned, togglePin } from "./pins.js";
import { wireSearch } from "./search.js";
import { facetInFocus, jumpTo, showCases, showDoubts, showParts, showSheet } from "./sheet.js";
import { tell } from "./telling.js";

const ADDRESS = /^#\/items\/([\w-]+)(?:\/with\/([\w-]+))?$/;
const pane = document.querySelector("[data-sheet]");
const picking = document.querySelector("[data-compare-pick]");
let sheet = null;
let cases = [];
let notes = null;
let facets = [];
let pickingFor = null;
let wanted = null;
let turn = 0;

// ------------------------------------------------------------ what is open

/** Opens what the address names; `wanted` says what is to get the focus. */
async function follow() {
  const named = ADDRESS.exec(location.hash);
  const intent = wanted;
  wanted = null;
  if (named === null) return;
  const mine = ++turn;
  stopPicking();
  try {
    if (named[2]) await openComparison(named[1], named[2], mine);
    else await openItem(named[1], intent, mine);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (mine === turn) showProblem(error);
  }
}

async function openItem(id, intent, mine) {
  const found = await call("GET", `/api/v1/staff/items/${id}`);
  if (mine !== turn) return;
  sheet = found;
  cases = [];
  facets = sheet.parts.map((part) => part.facet);
  search.inEdition(sheet.edition);
  const title = showSheet(pane, sheet, acts);
  pane.scrollTop = 0;
  notes = notesOn(pane, sheet);
  remember(sheet);
  search.mark(sheet.id);
  afterPins();
  if (intent) {
    title.focus();
    if (intent.facet) jumpTo(intent.facet);
    else if (innerWidth < 1000) pane.scrollIntoView();
  }
  await Promise.all([notes.load(), loadDoubts(mine)].map((loading) => loading.catch(tellProblem)));
}

async function loadDoubts(mine) {
  const doubts = await call("GET", `/api/v1/staff/items/${sheet.id}/doubts`);
  if (mine !== turn) return;
  sheet.doubts = doubts;
  showDoubts(pane, sheet, doubts);
}

async function openComparison(left, right, mine) {
  const found = await call("GET", `/api/v1/staff/items/${left}/differences?with=${right}`);
  if (mine !== turn) return;
  sheet = null;
  facets = found.facets.map((facet) => facet.facet);
  const title = showComparison(pane, found, {
    swap: () => go(`#/items/${right}/with/${left}`),
    close: () => go(`#/items/${left}`, {}),
  });
  pane.scrollTop = 0;
  search.mark(null);
  title.focus();
}

/** What stands beside an item may be missing; the item itself stays. */
function tellProblem(error) {
  if (!(error instanceof Problem)) throw error;
  tell(error.sentence);
}

function showProblem(error) {
  fill(pane, el("div", { class: "notice bad", role: "alert" }, el("p", {}, error.sentence)),
    button(say("try_again"), () => follow(), "secondary"));
  sheet = null;
}

function go(hash, intent = null) {
  wanted = intent;
  if (location.hash === hash) follow();
  else location.hash = hash;
}

// ------------------------------------------------------------ what is done with it

const acts = {
  copy: (facet) => openCopying(sheet, cases, facet || facetInFocus()),
  compare: startPicking,
  note: () => notes.write(facetInFocus()),
  pin: async () => {
    if (await togglePin(sheet.id)) afterPins();
  },
  move: async (step) => {
    if (await movePin(sheet.id, step)) afterPins();
  },
  narrow: async (chosen) => {
    const mine = turn;
    const chip = document.activeElement.getAttribute("data-chip");
    try {
      const query = chosen.map((label) => `case=${encodeURIComponent(label)}`).join("&");
      const found = await call("GET", `/api/v1/staff/items/${sheet.id}?${query}`);
      if (mine !== turn) return;
      cases = chosen;
      sheet = { ...found, doubts: sheet.doubts };
      showCases(pane, sheet, acts, cases);
      showParts(pane, sheet, acts);
      notes.show();
      if (sheet.doubts) showDoubts(pane, sheet, sheet.doubts);
      const again = chip && pane.querySelector(`[data-chip="${chip}"]`);
      if (again) again.focus();
      if (sheet.hidden) tell(say("hidden_count", { count: sheet.hidden }), { isShown: true });
    } catch (error) {
      tellProblem(error);
    }
  },
};

function showPin() {
  const isOn = isPinned(sheet.id);
  const toggle = pane.querySelector("[data-pin]");
  toggle.setAttribute("aria-pressed", String(isOn));
  fill(toggle, el("span", { "aria-hidden": "true" }, isOn ? "★ " : "☆ "), say("pin"), " ", el("kbd", { "aria-hidden": "true" }, "P"));
  pane.querySelector("[data-pin-moves]").hidden = !isOn || pinned().length < 2;
}

function afterPins() {
  if (sheet) showPin();
  const active = search.active();
  search.refresh(active ? active.id : null, active ? active.group : null);
}

// ------------------------------------------------------------ a second item

function startPicking() {
  pickingFor = { id: sheet.id, title: sheet.title, alike: sheet.alike };
  picking.hidden = false;
  picking.querySelector("p").textContent = say("compare_pick", { title: sheet.title });
  search.empty();
}

function stopPicking() {
  pickingFor = null;
  picking.hidden = true;
  search.refresh();
}

function cancelPicking() {
  stopPicking();
  document.getElementById("item-title").focus();
}

// ------------------------------------------------------------ the field

function idle() {
  const alike = pickingFor ? pickingFor.alike.map((item) => ({ ...item, why: item.when })) : [];
  const others = (items) => items.filter((item) => pickingFor === null || item.id !== pickingFor.id);
  const pins = others(pinned());
  return [
    { title: say("alike_title"), name: "alike", items: alike },
    { title: say("pins_title"), name: "pins", items: pins },
    { title: say("recent_title"), name: "recent", items: others(recent()).filter((item) => !isPinned(item.id)) },
  ];
}

const search = wireSearch({
  idle,
  open(option, named) {
    if (pickingFor === null) go(`#/items/${option.id}`, { facet: named[0] || null });
    else if (pickingFor.id === option.id) tell(say("compare_self"));
    else go(`#/items/${pickingFor.id}/with/${option.id}`);
  },
  onEscape() {
    const title = document.getElementById("item-title");
    if (pickingFor !== null) cancelPicking();
    else if (title) title.focus();
  },
});

wireKeys({
  facet: (index) => index < facets.length && jumpTo(facets[index]),
  move(step) {
    const active = search.active();
    if (document.activeElement !== search.field || !active || active.group !== "pins") return false;
    movePin(active.id, step).then((isMoved) => isMoved && afterPins());
    return true;
  },
  letters: {
    "/": () => search.focus(),
    "?": openKeys,
    Escape: () => search.focus(),
    f: () => sheet && acts.copy(null),
    c: () => sheet && acts.compare(),
    n: () => sheet && notes && acts.note(),
    p: () => sheet && acts.pin(),
    d: toggleDifferent,
  },
});

document.querySelector("[data-open-keys]").addEventListener("click", openKeys);
document.querySelector("[data-compare-cancel]").addEventListener("click", cancelPicking);
addEventListener("hashchange", follow);
wireLogOut();
search.refresh();
follow();
loadPins().then(afterPins, tellProblem);
