// Tables with a caption, heads in their scope, cells of words or elements.

import { el } from "../shared/dom.js";

/** Returns a table; of `rows`, the first cell is each row's head. `heads` may be {words, look} for columns of numbers. */
export function table(caption, heads, rows, { isHidden = false } = {}) {
  const looks = heads.map((head) => (typeof head === "string" ? "" : head.look));
  return el(
    "table",
    {},
    el("caption", { class: isHidden ? "visually-hidden" : "" }, caption),
    el("thead", {}, el("tr", {}, ...heads.map((head, i) => el("th", { scope: "col", class: looks[i] || null }, head.words || head)))),
    el(
      "tbody",
      {},
      ...rows.map((row) =>
        el("tr", {}, ...row.map((cell, i) => (i === 0 ? el("th", { scope: "row" }, cell) : el("td", { class: looks[i] || null }, cell))))
      )
    )
  );
}

export const number = (words) => ({ words, look: "number" });
