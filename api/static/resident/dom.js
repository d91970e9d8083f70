// Buttons, and the line drawings that stand before their words.

import { el } from "../shared/dom.js";

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  up: "M7 22V11l4-9c1.7 0 3 1.3 3 3v4h5.5c1.2 0 2.2 1.1 2 2.3l-1.4 9c-.2 1-1 1.7-2 1.7zM7 11H3v11h4",
  down: "M17 2v11l-4 9c-1.7 0-3-1.3-3-3v-4H4.500c-1.200 0-2.200-1.100-2-2.300l1.400-9c.2-1 1-1.700 2-1.700zM17 13h4V2h-4",
  speak: "M11 5 6 9H2v6h4l5 4zM15.500 8.500a5 5 0 0 1 0 7M18.500 5.500a9 9 0 0 1 0 13",
  stop: "M6 6h12v12H6z",
  share: "M4 12v8h16v-8M12 3v13M7 8l5-5 5 5",
  print: "M6 9V2h12v7M6 18H3V9h18v9h-3M6 14h12v8H6z",
  picture: "M3 4h18v16H3zM3 16l5-5 5 5 3-3 5 5M15.500 8.500h.010",
  phone: "M21 16.500v3a2 2 0 0 1-2.200 2C10.500 20.800 3.200 13.500 2.500 5.200A2 2 0 0 1 4.500 3h3l1.500 5-2 1.500a14 14 0 0 0 7.500 7.500l1.500-2z",
  link: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
};

/** Returns a line drawing that screen readers pass over. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Returns a button that does `act`, with a drawing before its words. */
export function button(words, act, { look = "quiet", drawing = null, ...attributes } = {}) {
  return el("button", { type: "button", class: look, click: act, ...attributes }, drawing && icon(drawing), words);
}
