// Two items side by side: a table facet by facet, what differs marked, what is the same greyed.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { button } from "./dom.js";

/** Shows two items in `pane`. `acts`: swap(), close(). Returns the heading. */
export function showComparison(pane, found, acts) {
  const title = el("h2", { class: "item-title", id: "item-title", tabindex: "-1" }, say("compare_title"));
  const only = el("input", { type: "checkbox", id: "only-different" });
  const table = el(
    "table",
    { class: "compared" },
    el("caption", { class: "visually-hidden" }, say("compare_of", { left: found.left.title, right: found.right.title })),
    el("thead", {}, el("tr", {}, headOf(found.left), headOf(found.right))),
    ...found.facets.map(facetOf)
  );
  only.addEventListener("change", () => table.classList.toggle("only-different", only.checked));
  fill(
    pane,
    el(
      "div",
      { class: "item-head" },
      el("div", { class: "item-titles" }, title),
      el(
        "div",
        { class: "item-acts" },
        el("label", { class: "option", for: "only-different" }, only, " ", say("compare_only_different"), " ", el("kbd", { "aria-hidden": "true" }, "D")),
        button(say("compare_swap"), acts.swap, "secondary small"),
        button(say("compare_close"), acts.close, "secondary small", { "data-compare-close": true })
      )
    ),
    found.facets.every((facet) => facet.is_same) && el("p", {}, say("compare_all_same")),
    el("div", { class: "scroll" }, table)
  );
  return title;
}

function headOf(item) {
  return el("th", { scope: "col" }, el("a", { href: `#/items/${item.id}` }, item.title));
}

function facetOf(facet) {
  const state = facet.rows.length === 0 ? "compare_both_silent" : facet.is_same ? "compare_same" : "compare_different";
  return el(
    "tbody",
    { class: facet.is_same ? "is-same" : "is-different", "data-facet": facet.facet },
    el(
      "tr",
      {},
      el("th", { scope: "rowgroup", colspan: "2", class: "facet-row", id: `facet-${facet.facet}`, tabindex: "-1" },
        facet.name, " ", el("span", { class: "tag" }, say(state)))
    ),
    ...packed(facet.rows).map(rowOf)
  );
}

/** Puts lines that only one of the two has beside lines that only the other has: half of the table stood empty. */
function packed(rows) {
  const found = [];
  let lefts = [];
  let rights = [];
  const flush = () => {
    for (let index = 0; index < Math.max(lefts.length, rights.length); index += 1) {
      found.push({ likeness: "alone", left: lefts[index] || null, right: rights[index] || null });
    }
    lefts = [];
    rights = [];
  };
  rows.forEach((row) => {
    if (row.likeness === "left") lefts.push(row.left);
    else if (row.likeness === "right") rights.push(row.right);
    else {
      flush();
      found.push(row);
    }
  });
  flush();
  return found;
}

function rowOf(row) {
  const isAlone = row.likeness === "alone";
  return el("tr", { class: `row-${row.likeness}` }, cellOf(row.left, isAlone), cellOf(row.right, isAlone));
}

function cellOf(line, isAlone) {
  if (line === null) return el("td", { class: "nothing" });
  const words = line.words.map((one) => (one.differs && !isAlone ? el("mark", {}, one.text) : one.text));
  return el("td", { class: isAlone ? "alone" : null }, isAlone && el("span", { class: "visually-hidden" }, say("compare_only_here")), line.number, ...words);
}

/** Switches between all and what is different. */
export function toggleDifferent() {
  const only = document.getElementById("only-different");
  if (only) only.click();
}
