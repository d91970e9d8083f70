// Asks before something is done that others will feel.

import { openDialog } from "../shared/dialog.js";
import { el, fill } from "../shared/dom.js";

const shade = document.querySelector("[data-confirm]");
const title = document.getElementById("confirm-title");
const text = document.getElementById("confirm-text");
const agree = shade.querySelector("[data-confirm-do]");
const decline = shade.querySelector("[data-close]");

/** Resolves to whether the person agrees. `lines` are told before; Escape and the second button mean no. */
export function confirmed(question, lines, words, look = "") {
  title.textContent = question;
  fill(text, ...lines.map((line) => el("p", {}, line)));
  agree.textContent = words;
  agree.className = look;
  return new Promise((resolve) => {
    let answer = false;
    const close = openDialog(shade, {
      first: decline,
      onClose: () => {
        agree.removeEventListener("click", onAgree);
        resolve(answer);
      },
    });
    function onAgree() {
      answer = true;
      close();
    }
    agree.addEventListener("click", onAgree);
  });
}
