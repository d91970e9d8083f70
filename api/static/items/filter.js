// The filter over the list of all items: every word written must stand among an item's words.

import { say } from "../shared/wording.js";

const form = document.querySelector("[data-filter]");
const field = form.querySelector("input");
const clear = form.querySelector("[data-clear]");
const count = form.querySelector("[data-count]");
const groups = Array.from(document.querySelectorAll("[data-group]"));
const whole = Array.from(document.querySelectorAll("[data-whole]"));
const entries = Array.from(document.querySelectorAll("[data-words]"));
const words = entries.map((entry) => entry.getAttribute("data-words").toLowerCase());

function filter() {
  const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  entries.forEach((entry, index) => {
    entry.hidden = !wanted.every((word) => words[index].includes(word));
    if (!entry.hidden) shown += 1;
  });
  groups.forEach((group) => {
    group.hidden = !group.querySelector("[data-words]:not([hidden])");
  });
  whole.forEach((part) => {
    part.hidden = wanted.length > 0;
  });
  clear.hidden = wanted.length === 0;
  if (wanted.length === 0) count.textContent = "";
  else count.textContent = shown === 0 ? say("filter_none") : say("filter_count", { count: shown });
}

field.addEventListener("input", filter);
clear.addEventListener("click", () => {
  field.value = "";
  filter();
  field.focus();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
// The browser may have kept the word when one comes back to the page.
filter();

/** Opens the event that the address names: "#event-retiring". */
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named && named.tagName === "DETAILS") named.open = true;
}

addEventListener("hashchange", openNamed);
openNamed();
