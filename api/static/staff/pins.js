// The items that a clerk keeps at hand, in the clerk's own order, as the service has them.

import { say } from "../shared/wording.js";
import { Problem, call } from "./calls.js";
import { tell } from "./telling.js";

let pins = [];

export function pinned() {
  return pins;
}

export function isPinned(item) {
  return pins.some((pin) => pin.id === item);
}

export async function loadPins() {
  pins = (await call("GET", "/api/v1/staff/pins")).pins;
}

async function changing(act, told) {
  try {
    pins = (await act()).pins;
    tell(told());
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tell(error.sentence);
    return false;
  }
}

const address = (item) => `/api/v1/staff/pins/${item}`;

export function togglePin(item) {
  return isPinned(item)
    ? changing(() => call("DELETE", address(item)), () => say("unpinned_now"))
    : changing(() => call("PUT", address(item), { body: {} }), () => say("pinned_now"));
}

/** Moves a pin one place up (-1) or down (1). */
export async function movePin(item, step) {
  const place = pins.findIndex((pin) => pin.id === item) + step;
  if (place < 0 || place >= pins.length) return false;
  return changing(
    () => call("PUT", address(item), { body: { place } }),
    () => say("pinned_moved", { place: place + 1 })
  );
}
