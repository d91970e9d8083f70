// What the browser keeps for a clerk: items looked at on this device, a note that is not saved in this tab.

import { me } from "./calls.js";

const MOST_RECENT = 8;

function read(storage, key, otherwise) {
  try {
    const text = storage().getItem(`staff.${me.name}.${key}`);
    return text === null ? otherwise : JSON.parse(text);
  } catch (error) {
    return otherwise;
  }
}

function write(storage, key, value) {
  try {
    if (value === null) storage().removeItem(`staff.${me.name}.${key}`);
    else storage().setItem(`staff.${me.name}.${key}`, JSON.stringify(value));
  } catch (error) {
    // Storage may be full or forbidden: then it holds as long as the page does.
  }
}

const device = () => localStorage;
const tab = () => sessionStorage;

/** Returns the items looked at last, {id, title} each, the latest first. */
export function recent() {
  const found = read(device, "recent", []);
  return Array.isArray(found) ? found.filter((item) => item && item.id && item.title) : [];
}

export function remember(item) {
  const others = recent().filter((other) => other.id !== item.id);
  write(device, "recent", [{ id: item.id, title: item.title }, ...others].slice(0, MOST_RECENT));
}

/** Returns the note that was being written on an item: {note, facet, text}; null where there is none. */
export function draftOf(item) {
  return read(tab, `note.${item}`, null);
}

export function keepDraft(item, draft) {
  write(tab, `note.${item}`, draft);
}

/** Returns how texts were sent last: "plain" or "short". */
export function lastHow() {
  return read(device, "how", "plain") === "short" ? "short" : "plain";
}

export function keepHow(how) {
  write(device, "how", how);
}
