// Builds elements out of words, never out of markup: whatever a message, a guide or a note says, it stays text.

/** Returns a new `tag` with `attributes` (a function listens, true is an empty attribute) and `children`, all text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  Object.keys(attributes).forEach((name) => {
    const value = attributes[name];
    if (value === null || value === undefined || value === false) return;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  });
  add(element, children);
  return element;
}

function add(element, children) {
  children.forEach((child) => {
    if (Array.isArray(child)) add(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  });
}

/** Takes everything out of `element` and puts `children` in. */
export function fill(element, ...children) {
  element.textContent = "";
  add(element, children);
  return element;
}
