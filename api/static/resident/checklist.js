// Papers (办理材料) as a list to tick; ticks are kept in this browser by item, line and words.

import { button } from "./dom.js";
import { isHeading, isPaper } from "./facts.js";
import { onKept, read, write } from "./kept.js";
import { picture } from "./late.js";
import { listAddress, share } from "./sharing.js";
import { tell } from "./status.js";
import { el } from "../shared/dom.js";
import { say } from "../shared/wording.js";

const KEY = "ticks";
const MOST_ITEMS = 30;
const FORMS = ["original", "copy", "inspect", "electronic"];
const shown = [];
let boxes = 0;

function nameOf(fact) {
  return `${fact.lines[0]} ${fact.text}`;
}

function ticksOf(item) {
  return read(KEY, {})[item.id] || [];
}

function tick(item, fact, on) {
  const all = read(KEY, {});
  const others = (all[item.id] || []).filter((name) => name !== nameOf(fact));
  // The item that was ticked last stands last, so that the oldest goes first.
  delete all[item.id];
  all[item.id] = on ? others.concat(nameOf(fact)) : others;
  Object.keys(all).slice(0, -MOST_ITEMS).forEach((id) => delete all[id]);
  write(KEY, all);
  refresh();
}

function refresh() {
  shown.forEach((list) => list());
}

onKept((key) => {
  if (key === KEY) refresh();
});

/** Returns the list of `facts` with its counter and what one can do with it. */
export function checklist(item, facts) {
  const papers = facts.filter(isPaper);
  if (papers.length === 0) return facts.map((fact) => el(isHeading(fact) ? "h4" : "p", {}, fact.text));
  const controls = [];
  const parts = [];
  let list = null;
  facts.forEach((fact) => {
    if (isPaper(fact)) {
      if (list === null) parts.push((list = el("ul", { class: "papers plain" })));
      list.append(paper(item, fact, controls));
    } else {
      parts.push(el(isHeading(fact) ? "h4" : "p", {}, fact.text));
      list = null;
    }
  });
  const counter = el("p", { class: "count" });
  const show = () => {
    const ticked = ticksOf(item);
    controls.forEach(({ box, fact }) => (box.checked = ticked.includes(nameOf(fact))));
    const ready = controls.filter(({ box }) => box.checked).length;
    counter.textContent = say("papers_ready", { ready, count: papers.length });
  };
  show();
  shown.push(show);
  return [counter, parts, actions(item, facts)];
}

function paper(item, fact, controls) {
  boxes += 1;
  const id = `paper-${boxes}`;
  const box = el("input", { type: "checkbox", id, change: () => tick(item, fact, box.checked) });
  controls.push({ box, fact });
  const { form, copies, exempt_if: exempt } = fact.value;
  const named = [].concat(form || []);
  const marks = FORMS.filter((name) => named.includes(name)).map((name) => mark(say(`form_${name}`)));
  if (copies) marks.push(mark(say("copies", { copies })));
  if (exempt) marks.push(mark(say("may_be_left_out")));
  // The marks are ours, the words the guide's: they stand apart.
  const label = el("label", { for: id }, el("span", { class: "words" }, fact.text));
  return el("li", {}, box, el("div", {}, label, marks.length > 0 && el("div", { class: "marks" }, marks)));
}

function mark(text) {
  return el("span", { class: "tag" }, text);
}

function actions(item, facts) {
  const address = listAddress(item, facts);
  const open = () => window.open(address, "_blank", "noopener");
  return el(
    "div",
    { class: "actions row" },
    button(say("print"), open, { look: "secondary", drawing: "print" }),
    button(say("save_picture"), () => keepPicture(item, facts), { look: "secondary", drawing: "picture" }),
    button(say("send_to_myself"), () => share(say("list_of", { title: item.title }), address), {
      look: "secondary",
      drawing: "share",
    })
  );
}

/** Draws the list as a picture; what draws it is loaded when first wanted. */
function keepPicture(item, facts) {
  picture().then(
    (savePicture) => savePicture(item, facts, (fact) => ticksOf(item).includes(nameOf(fact))),
    () => tell(say("offline"))
  );
}
