// Short news of what was done: shown for a moment, and read out by screen readers.

const SHOWN_MS = 2600;
const status = document.querySelector("[data-status]");
const toast = document.querySelector("[data-toast]");
let timer = null;

/** Reads out `sentence`, and shows it unless it stands on the page already. */
export function tell(sentence, { isShown = false } = {}) {
  status.textContent = "";
  // A reader only speaks what changes, also when the same is told twice.
  setTimeout(() => {
    status.textContent = sentence;
  }, 30);
  if (isShown) return;
  toast.textContent = sentence;
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => {
    toast.hidden = true;
  }, SHOWN_MS);
}
