// The keys that work all over the page, where nobody is writing and no dialog is open.

import { openDialog } from "../shared/dialog.js";

const box = document.querySelector("[data-keys]");

export function openKeys() {
  openDialog(box);
}

function isWriting(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select") !== null;
}

function isDialogOpen() {
  return document.querySelector("[role=dialog]:not([hidden])") !== null;
}

/** Calls `acts.facet(index)` for the keys 1 to 0, also with Alt from the field, and `acts.letters[key]()` for others. */
export function wireKeys(acts) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || isDialogOpen()) return;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code || "");
    const writes = isWriting(event.target);
    if (digit && (event.altKey || !writes)) {
      if (acts.facet((Number(digit[1]) + 9) % 10)) event.preventDefault();
      return;
    }
    if (event.altKey) {
      if ((event.key === "ArrowUp" || event.key === "ArrowDown") && acts.move(event.key === "ArrowUp" ? -1 : 1)) event.preventDefault();
      return;
    }
    const isEmptyField = event.target.id === "field" && event.target.value === "";
    if (writes && !(isEmptyField && event.key === "?")) return;
    const act = acts.letters[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}
