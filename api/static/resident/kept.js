// What this browser keeps for the resident (session, outbox, ticks, recent items); in memory where it may keep nothing.

const PREFIX = "guide.";
const memory = {};

function storage() {
  try {
    return localStorage;
  } catch (error) {
    return null; // forbidden in a frame of another host
  }
}

export function read(key, otherwise = null) {
  const store = storage();
  const text = store === null || PREFIX + key in memory ? memory[PREFIX + key] : store.getItem(PREFIX + key);
  try {
    return text === null || text === undefined ? otherwise : JSON.parse(text);
  } catch (error) {
    return otherwise; // written by somebody else
  }
}

export function write(key, value) {
  const text = JSON.stringify(value);
  try {
    storage().setItem(PREFIX + key, text);
    delete memory[PREFIX + key];
  } catch (error) {
    memory[PREFIX + key] = text; // full or forbidden: it then holds for this page only
  }
}

export function drop(key) {
  delete memory[PREFIX + key];
  const store = storage();
  if (store !== null) store.removeItem(PREFIX + key);
}

/** Returns the keys that begin with `start`. */
export function keysOf(start) {
  const store = storage();
  const all = Object.keys(memory).concat(store === null ? [] : Object.keys(store));
  return all.filter((key) => key.startsWith(PREFIX + start)).map((key) => key.slice(PREFIX.length));
}

/** Calls `listener(key, value)` when another tab changes something; null for what was dropped. */
export function onKept(listener) {
  addEventListener("storage", (event) => {
    if (event.key !== null && event.key.startsWith(PREFIX)) {
      listener(event.key.slice(PREFIX.length), event.newValue === null ? null : JSON.parse(event.newValue));
    }
  });
}
