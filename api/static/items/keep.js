// To keep a page: on paper, or its address for oneself. Without script neither button is there.

import { say } from "../shared/wording.js";

const shared = document.querySelector("[data-shared]");

function show(key) {
  shared.hidden = false;
  shared.querySelector("[data-shared-said]").textContent = say(key);
}

function copy(address) {
  const field = shared.querySelector("input");
  shared.hidden = false;
  if (navigator.clipboard) {
    navigator.clipboard.writeText(address).then(() => show("shared_copied"), () => show("shared_by_hand"));
    return;
  }
  field.focus();
  field.select();
  // Old phones and plain http have no clipboard object, but still know the command.
  show(document.execCommand("copy") ? "shared_copied" : "shared_by_hand");
}

function share(title, address) {
  if (!navigator.share) return copy(address);
  return navigator.share({ title, url: address }).catch((error) => {
    // Whoever closes the system's sheet has changed their mind; anything else falls back.
    if (error.name !== "AbortError") copy(address);
  });
}

document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => print()));
document.querySelectorAll("[data-share]").forEach((button) =>
  button.addEventListener("click", () => share(button.getAttribute("data-title"), button.getAttribute("data-address")))
);
