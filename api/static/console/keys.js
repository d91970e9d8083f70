// Keys of the console: single letters where nobody writes, Alt with a digit also while writing.

const EDITABLE = "input[type=text], textarea, select";

/**
 * Calls `acts[key]()` for a letter or sign typed outside of fields, and `digit(number)` for 1 to 9; nothing while a
 * dialog is open or somebody composes Chinese.
 */
export function listen(acts, digit) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (document.querySelector(".over:not([hidden])") !== null) return;
    const isWriting = event.target.matches(EDITABLE);
    const number = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (number !== null && event.altKey === isWriting && !event.shiftKey) {
      if (digit(Number(number[1]))) event.preventDefault();
      return;
    }
    if (event.altKey) return;
    const isEmptyField = isWriting && event.target.value === "" && event.target.matches("textarea");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // In an empty reply "/" looks for facts too: no reply begins with it.
    if (isWriting && key !== "Escape" && !(key === "/" && isEmptyField)) return;
    if (!Object.prototype.hasOwnProperty.call(acts, key)) return;
    event.preventDefault();
    // What opens over the page gives the focus back to where it was: that must not be nowhere.
    const log = document.querySelector("[data-log]");
    if (document.activeElement === document.body && log.offsetParent !== null) log.focus();
    acts[key]();
  });
}
