// Plain words as paragraphs, with the telephone numbers in them to tap.

import { el } from "../shared/dom.js";

/** A number after words that introduce one: what else is written in figures is no number to call. */
const NUMBER = /((?:打|或|热线|电话问|、|：)\s?)(0\d{2,3}[-—]?\d{7,8}|1\d{4}|1\d{2})(?!\d)/;

/** Returns a paragraph for each line of `text`. */
export function paragraphs(text) {
  return text.split("\n").map((line) => el("p", {}, withNumbers(line)));
}

function withNumbers(line) {
  const parts = [];
  let rest = line;
  for (let found = NUMBER.exec(rest); found !== null; found = NUMBER.exec(rest)) {
    const [whole, before, number] = found;
    parts.push(rest.slice(0, found.index) + before);
    parts.push(el("a", { href: `tel:${number.replace(/\D/g, "")}` }, number));
    rest = rest.slice(found.index + whole.length);
  }
  return parts.concat(rest);
}
