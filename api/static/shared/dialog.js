// Focus that goes into what opens over the page, stays inside, and comes back when it closes.

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), " +
  "summary, [tabindex]:not([tabindex='-1'])";

export function focusable(box) {
  return Array.from(box.querySelectorAll(FOCUSABLE)).filter((element) => element.getClientRects().length > 0);
}

/**
 * Opens `box` (an element with role=dialog, hidden until now): focus moves to `first` or the first control, Tab goes
 * round inside, Escape and a click on [data-close] close. Returns close(); `onClose` runs after focus went back.
 */
export function openDialog(box, { first = null, onClose = () => {} } = {}) {
  const before = document.activeElement;
  box.hidden = false;
  (first || focusable(box)[0] || box).focus();

  function close() {
    if (box.hidden) return;
    box.hidden = true;
    box.removeEventListener("keydown", onKey);
    box.removeEventListener("click", onClick);
    if (before && before.focus && document.contains(before)) before.focus();
    onClose();
  }

  function onKey(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      const inside = focusable(box);
      if (inside.length === 0) return event.preventDefault();
      const edge = event.shiftKey ? inside[0] : inside[inside.length - 1];
      if (document.activeElement === edge || !box.contains(document.activeElement)) {
        event.preventDefault();
        (event.shiftKey ? inside[inside.length - 1] : inside[0]).focus();
      }
    }
    return undefined;
  }

  function onClick(event) {
    if (event.target.closest("[data-close]")) close();
  }

  box.addEventListener("keydown", onKey);
  box.addEventListener("click", onClick);
  return close;
}

/** Moves focus to an element that is no control, for screen readers to go on from there. */
export function moveFocus(element) {
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus();
}
