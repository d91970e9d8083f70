// What a clerk sends to a caller: the dialog shows exactly what is copied, as one text or as short messages.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { openDialog } from "../shared/dialog.js";
import { Problem, call } from "./calls.js";
import { button } from "./dom.js";
import { keepHow, lastHow } from "./kept.js";

const USUAL = ["materials", "location", "phone"];
const box = document.querySelector("[data-copy]");
const shown = box.querySelector("[data-copy-shown]");
const status = box.querySelector("[data-copy-status]");
const doIt = box.querySelector("[data-copy-do]");
const boxes = Array.from(box.querySelectorAll("input[name=facet]"));
const ways = Array.from(box.querySelectorAll("input[name=how]"));
let about = null;
let texts = null;
let turn = 0;

/** Opens the dialog for an item, its `cases` left as they are chosen, with one facet or those most asked for. */
export function openCopying(sheet, cases, facet) {
  about = { item: sheet.id, cases };
  const silent = sheet.parts.filter((part) => part.silence).map((part) => part.facet);
  const usual = USUAL.filter((one) => silent.indexOf(one) < 0);
  boxes.forEach((one) => {
    one.checked = facet ? one.value === facet : usual.indexOf(one.value) >= 0;
  });
  ways.forEach((way) => {
    way.checked = way.value === lastHow();
  });
  fill(box.querySelector("[data-copy-of]"), [sheet.title, ...cases].join(" · "));
  fill(status);
  texts = null;
  load();
  openDialog(box, { first: doIt });
}

const how = () => ways.find((way) => way.checked).value;

async function load() {
  const mine = ++turn;
  const facets = boxes.filter((one) => one.checked).map((one) => `facet=${one.value}`);
  if (facets.length === 0) {
    texts = null;
    fill(shown, el("p", { class: "muted" }, say("copy_nothing")));
    return;
  }
  const cases = about.cases.map((label) => `case=${encodeURIComponent(label)}`);
  try {
    const found = await call("GET", `/api/v1/staff/items/${about.item}/texts?${[...facets, ...cases].join("&")}`);
    if (mine !== turn) return;
    texts = found;
    show();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (mine === turn) fill(shown, el("p", { class: "field-error" }, error.sentence));
  }
}

function show() {
  if (texts === null) return;
  const isShort = how() === "short";
  doIt.textContent = say(isShort && texts.parts.length > 1 ? "copy_do_all" : "copy_do");
  if (!isShort) {
    fill(shown, el("pre", { class: "copy-text", tabindex: "0", role: "region", "aria-label": say("copy_plain_label") }, texts.plain));
    return;
  }
  fill(
    shown,
    el("p", { class: "small muted" }, say("copy_count", { count: texts.parts.length })),
    el(
      "ol",
      { class: "plain copy-parts", "aria-label": say("copy_parts_label") },
      ...texts.parts.map((part, index) =>
        el(
          "li",
          {},
          el("pre", { class: "copy-text" }, part),
          el("div", { class: "copy-part-row" }, el("span", { class: "small muted" }, say("copy_part_length", { length: part.length })),
            button(say("copy_do_part", { index: index + 1 }), () => copy(part, say("copied_part", { index: index + 1 })), "quiet small"))
        )
      )
    )
  );
}

async function copy(text, told) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyOldWay(text);
    fill(status, told);
  } catch (error) {
    fill(status, say("copy_by_hand"));
  }
}

/** Plain http has no clipboard object, but the command is still there. */
function copyOldWay(text) {
  const before = document.activeElement;
  const area = el("textarea", { class: "visually-hidden", "aria-hidden": "true" });
  area.value = text;
  box.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  before.focus();
  if (!isCopied) throw new Error("not copied");
}

function checkAll(isChecked) {
  boxes.forEach((one) => {
    one.checked = isChecked;
  });
  fill(status);
  load();
}

boxes.forEach((one) => one.addEventListener("change", () => {
  fill(status);
  load();
}));
ways.forEach((way) => way.addEventListener("change", () => {
  keepHow(how());
  fill(status);
  show();
}));
box.querySelector("[data-copy-all]").addEventListener("click", () => checkAll(true));
box.querySelector("[data-copy-none]").addEventListener("click", () => checkAll(false));
doIt.addEventListener("click", () => {
  if (texts === null) fill(status, say("copy_nothing"));
  else copy(how() === "short" ? texts.parts.join("\n\n") : texts.plain, say("copied"));
});
