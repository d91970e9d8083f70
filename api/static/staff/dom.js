// Buttons and dates of the office's pages.

import { el } from "../shared/dom.js";

/** Returns a button that does `act`. */
export function button(words, act, look = "quiet", attributes = {}) {
  return el("button", { type: "button", class: look, click: act, ...attributes }, words);
}

/** Returns a date and time as the office writes them. */
export function moment(text) {
  const at = new Date(text);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
