// One item on the right: its head, the cases of callers, its facets numbered 1 to 0, and what is doubtful in them.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { moveFocus } from "../shared/dialog.js";
import { button } from "./dom.js";

const BESIDE = ["methods", "time_limit", "location", "phone", "fee", "delivery", "department"];
/** The key of each facet: 1 to 9, then 0. */
export const keyOf = (index) => String((index + 1) % 10);

/** Shows `sheet` in `pane`. `acts`: copy(facets), compare(), note(), pin(), move(step), narrow(cases). */
export function showSheet(pane, sheet, acts) {
  const title = el("h2", { class: "item-title", id: "item-title", tabindex: "-1" }, sheet.title);
  const cases = el("div", { class: "cases", "data-cases": true });
  const hidden = el("p", { class: "hidden-count small", "data-hidden-count": true });
  const body = el("div", { class: "facets", "data-facets": true });
  fill(
    pane,
    el(
      "div",
      { class: "item-head" },
      el("div", { class: "item-titles" }, title, el("p", { class: "item-known small muted" }, ...known(sheet))),
      el(
        "div",
        { class: "item-acts" },
        button("", acts.pin, "secondary small", { "data-pin": true, "aria-pressed": "false", "aria-keyshortcuts": "P" }),
        el("span", { class: "pin-moves", "data-pin-moves": true, hidden: true },
          button("▲", () => acts.move(-1), "quiet small", { "aria-label": say("pin_earlier"), title: say("pin_earlier") }),
          button("▼", () => acts.move(1), "quiet small", { "aria-label": say("pin_later"), title: say("pin_later") })),
        act("copy_item", "F", () => acts.copy(null)),
        act("compare_item", "C", acts.compare),
        act("write_note", "N", acts.note)
      )
    ),
    sheet.ended && el("div", { class: "notice warn" }, el("p", {}, say("item_ended", { date: sheet.ended }))),
    contents(sheet),
    cases,
    hidden,
    el("div", { "data-doubts": "item" }),
    body
  );
  showCases(pane, sheet, acts, []);
  showParts(pane, sheet, acts);
  return title;
}

function known(sheet) {
  const told = [say("item_number", { number: sheet.number }), sheet.category];
  if (sheet.audience.length) told.push(say("item_audience", { audience: sheet.audience.join("、") }));
  const aliases = [sheet.plain, ...sheet.aliases].filter((name, index, all) => name && all.indexOf(name) === index);
  if (aliases.length) told.push(say("item_aliases", { aliases: aliases.join("、") }));
  return [
    told.join(" · "),
    " · ",
    el("a", { href: `/items/${sheet.id}`, target: "_blank", rel: "noopener" }, say("open_page")),
  ];
}

function act(key, letter, does) {
  return button([say(key), " ", el("kbd", { "aria-hidden": "true" }, letter)], does, "secondary small", {
    "aria-keyshortcuts": letter,
    "data-act": key,
  });
}

function contents(sheet) {
  return el(
    "nav",
    { class: "facet-nav", "aria-label": say("facets_label") },
    ...sheet.parts.map((part, index) =>
      el(
        "a",
        { href: `#facet-${part.facet}`, class: part.silence ? "is-silent" : null, title: say("facet_key", { key: keyOf(index) }),
          click: (event) => {
            event.preventDefault();
            jumpTo(part.facet);
          } },
        el("kbd", { "aria-hidden": "true" }, keyOf(index)),
        " ",
        part.name
      )
    )
  );
}

/** Moves the focus to a facet's heading; false where no item is shown. */
export function jumpTo(facet) {
  const heading = document.getElementById(`facet-${facet}`);
  if (heading === null) return false;
  moveFocus(heading);
  heading.scrollIntoView({ block: "nearest" });
  const part = heading.closest(".part");
  document.querySelectorAll(".part.is-here").forEach((other) => other.classList.remove("is-here"));
  part.classList.add("is-here");
  return true;
}

/** Returns the facet that the focus is in. */
export function facetInFocus() {
  const part = document.activeElement && document.activeElement.closest("[data-facet]");
  return part ? part.getAttribute("data-facet") : null;
}

// ------------------------------------------------------------ cases

/** Shows the chips of each question, those in `chosen` pressed. */
export function showCases(pane, sheet, acts, chosen) {
  fill(
    pane.querySelector("[data-cases]"),
    ...sheet.cases.map((question, index) => {
      const own = question.choices.filter((label) => chosen.indexOf(label) >= 0);
      const others = chosen.filter((label) => question.choices.indexOf(label) < 0);
      const chip = (words, isOn, cases, name) =>
        button(words, () => acts.narrow(cases), isOn ? "chip is-on" : "chip", { "aria-pressed": String(isOn), "data-chip": `${index}-${name}` });
      return el(
        "div",
        { class: "case-row", role: "group", "aria-label": question.question },
        el("span", { class: "small muted case-question" }, question.question),
        chip(say("case_all"), own.length === 0, others, "all"),
        ...question.choices.map((label, place) => chip(label, own.indexOf(label) >= 0, [...others, label], place))
      );
    })
  );
}

// ------------------------------------------------------------ facets

/** Shows what may apply of each facet. */
export function showParts(pane, sheet, acts) {
  const main = el("div", { class: "facets-main" });
  const side = el("div", { class: "facets-side" });
  const notes =
    pane.querySelector("[data-notes-whole]") ||
    el("section", { class: "part notes-whole", "data-notes-whole": true, "aria-labelledby": "notes-title" });
  side.append(notes);
  sheet.parts.forEach((part, index) => {
    (BESIDE.indexOf(part.facet) >= 0 ? side : main).append(partOf(part, keyOf(index), acts));
  });
  fill(pane.querySelector("[data-facets]"), main, side);
  const hidden = pane.querySelector("[data-hidden-count]");
  hidden.textContent = sheet.hidden ? say("hidden_count", { count: sheet.hidden }) : "";
}

function partOf(part, key, acts) {
  return el(
    "section",
    { class: part.silence ? "part is-silent" : "part", "data-facet": part.facet, "aria-labelledby": `facet-${part.facet}` },
    el(
      "div",
      { class: "part-head" },
      el("h3", { id: `facet-${part.facet}`, tabindex: "-1" }, el("kbd", { "aria-hidden": "true" }, key), " ", part.name),
      part.source && el("span", { class: "small muted part-source", title: say("source_of", { lines: part.source }) }, say("source_of", { lines: part.source })),
      !part.silence && button(say("copy_item"), () => acts.copy(part.facet), "quiet small part-copy", { "aria-label": `${say("copy_item")} ${part.name}` })
    ),
    el("div", { "data-doubts": part.facet }),
    part.silence && el("p", { class: "silence muted" }, part.silence),
    ...part.branches.map(branchOf),
    el("div", { "data-notes": part.facet })
  );
}

function branchOf(branch) {
  const depth = Math.min(branch.depth, 3);
  return el(
    "div",
    { class: `branch depth-${depth}` },
    branch.heading && el(`h${Math.min(4 + branch.depth, 6)}`, { class: "branch-head" }, branch.heading),
    branch.blocks.length > 0 &&
      el(branch.is_steps ? "ol" : "ul", { class: branch.is_steps ? "steps" : "plain facts" }, ...branch.blocks.map(blockOf))
  );
}

function blockOf(block) {
  return el(
    "li",
    { class: block.kind, "data-fact": block.fact },
    block.lead && el("span", { class: "lead" }, `${block.lead}：`),
    ...block.segments.map((segment) => linked(segment))
  );
}

function linked(segment) {
  if (!segment.href) return segment.text;
  const isElsewhere = segment.href.indexOf("tel:") !== 0;
  return el("a", { href: segment.href, target: isElsewhere ? "_blank" : null, rel: isElsewhere ? "noopener" : null }, segment.text);
}

// ------------------------------------------------------------ what is doubtful

/** Puts doubts beside the statements they are about, else under the facet or the item; several there are folded. */
export function showDoubts(pane, sheet, found) {
  pane.querySelectorAll(".doubt").forEach((shown) => shown.remove());
  if (!found.is_checked) {
    placeFor(pane, null).append(el("p", { class: "doubt small" }, say("doubts_unchecked")));
    return;
  }
  const silent = sheet.parts.filter((part) => part.silence).map((part) => part.facet);
  const others = new Map();
  found.doubts.forEach((doubt) => {
    if (doubt.fact !== null) {
      // Of a statement that is not shown now, nothing is to be doubted.
      const block = pane.querySelector(`[data-fact="${doubt.fact}"]`);
      if (block) block.append(el("p", { class: "doubt small" }, doubtMark(), " ", doubtText(doubt)));
    } else if (silent.indexOf(doubt.facet) < 0) {
      // That the guide is silent is said already.
      others.set(doubt.facet, [...(others.get(doubt.facet) || []), doubt]);
    }
  });
  others.forEach((doubts, facet) => placeFor(pane, facet).append(doubtsOf(doubts)));
}

function placeFor(pane, facet) {
  return pane.querySelector(`[data-doubts="${facet || "item"}"]`);
}

function doubtsOf(doubts) {
  if (doubts.length === 1) return el("p", { class: "doubt small" }, doubtMark(), " ", doubtText(doubts[0]));
  return el(
    "details",
    { class: "doubt small" },
    el("summary", {}, doubtMark(), " ", say("doubts_count", { count: doubts.length })),
    el("ul", { class: "plain" }, ...doubts.map((doubt) => el("li", {}, doubtText(doubt))))
  );
}

function doubtMark() {
  return el("span", { class: "doubt-mark" }, el("span", { "aria-hidden": "true" }, "⚠ "), say("doubt"));
}

function doubtText(doubt) {
  return say("doubt_at", { line: doubt.line, what: doubt.what, why: doubt.why });
}
