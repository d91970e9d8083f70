// What a new edition changes, item by item: what came, went or changed is marked by words and by line, not by colour alone.

import { el } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { known } from "./asking.js";
import { table } from "./table.js";

const facetNames = JSON.parse(document.getElementById("facets").textContent);

const lines = ([first, last]) => (first === last ? String(first) : `${first}–${last}`);

/** Returns the differences of a comparison. */
export function differencesOf(comparison) {
  const { counts, added, gone, changed } = comparison;
  const isSame = added.length + gone.length + changed.length === 0;
  return el(
    "div",
    {},
    el("h3", {}, say("guide_differences_title")),
    isSame
      ? el("p", {}, say("guide_differences_none"))
      : el(
          "p",
          {},
          say("guide_counts", {
            added: counts.items.added,
            gone: counts.items.gone,
            renamed: counts.items.renamed,
            changed: counts.items.changed,
            facts_added: counts.facts.added,
            facts_gone: counts.facts.gone,
            facts_changed: counts.facts.changed,
            materials: counts.materials.added + counts.materials.gone + counts.materials.changed,
          })
        ),
    ...added.map((item) => whole(item, "added")),
    ...gone.map((item) => whole(item, "gone")),
    ...changed.map(changedItem)
  );
}

function whole(item, kind) {
  return el(
    "details",
    { class: `difference ${kind}` },
    el("summary", {}, mark(kind), " ", item.title, " ", el("span", { class: "small muted" }, say("guide_facts", { count: item.facts.length }))),
    el("ul", { class: "plain facts" }, ...item.facts.map((fact) => el("li", {}, el("span", { class: "tag" }, facetNames[fact.facet] || fact.facet), " ", fact.text)))
  );
}

function mark(kind) {
  return el("span", { class: `tag mark-${kind}` }, say(`guide_item_${kind}`));
}

function changedItem(item) {
  const count = item.facets.reduce((sum, facet) => sum + facet.added.length + facet.gone.length + facet.changed.length, 0);
  const fold = el(
    "details",
    { class: "difference changed" },
    el("summary", {}, mark("changed"), " ", item.title, " ", el("span", { class: "small muted" }, say("guide_facts", { count }))),
    item.old_title !== item.title ? el("p", {}, say("guide_item_renamed", { title: item.old_title })) : null,
    ...item.facets.map(changedFacet)
  );
  fold.open = true;
  return fold;
}

function changedFacet(facet) {
  return el(
    "div",
    { class: "facet" },
    el("h4", {}, facetNames[facet.facet] || facet.facet),
    el(
      "ul",
      { class: "plain facts" },
      ...facet.changed.map(({ old, new: now, words }) => fact("changed", [spot("old", old), spot("new", now)], words ? stretches(words) : now.text)),
      ...facet.added.map(({ new: now }) => fact("added", [spot("new", now)], el("ins", {}, now.text))),
      ...facet.gone.map(({ old }) => fact("gone", [spot("old", old)], el("del", {}, old.text)))
    )
  );
}

const spot = (side, given) => say(`guide_line_${side}`, { lines: lines(given.lines) });

function fact(kind, spots, words) {
  return el("li", {}, el("span", { class: `tag mark-${kind}` }, say(`guide_mark_${kind}`)), " ", words, " ", el("span", { class: "small muted" }, spots.join(" → ")));
}

/** Returns both texts in reading order: what only the old one has struck out, what only the new one has underlined. */
function stretches(words) {
  return words.map(({ side, text }) => (side === "both" ? text : el(side === "old" ? "del" : "ins", {}, text)));
}

/** Returns what an editor has to look at in the office's data files. */
export function editorsWork(found) {
  return el(
    "div",
    {},
    el("h3", {}, say("guide_editor_title", { count: found.length })),
    found.length === 0
      ? el("p", { class: "muted" }, say("guide_editor_none"))
      : scrolled(
          say("guide_editor_caption"),
          table(
            say("guide_editor_caption"),
            ["file", "lack", "words"].map((name) => say(`guide_editor_${name}`)),
            found.map(({ file, what, words }) => [file, known(`guide_lack_${what}`) || what, words]),
            { isHidden: true }
          )
        )
  );
}

/** Returns what is doubtful in the edition. */
export function doubtsOf(doubts) {
  return el(
    "div",
    {},
    el("h3", {}, say("guide_doubts_title", { count: doubts.length })),
    doubts.length === 0
      ? el("p", { class: "muted" }, say("guide_doubts_none"))
      : scrolled(
          say("guide_doubts_caption"),
          table(
            say("guide_doubts_caption"),
            [say("guide_problem_line"), say("guide_doubt_item"), say("guide_doubt_what"), say("guide_doubt_why")],
            doubts.map(({ line, item, what, why }) => [line, item || "—", what, why]),
            { isHidden: true }
          ),
          true
        )
  );
}

function scrolled(label, content, isLong = false) {
  return el("div", { class: isLong ? "scroll long" : "scroll", tabindex: "0", role: "group", "aria-label": label }, content);
}
