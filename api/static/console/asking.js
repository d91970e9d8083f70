// The dialogs about a ticket: handing it over, putting it back, ending it, and the warning before numbers go out.

import { openDialog } from "../shared/dialog.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { Refusal } from "./calls.js";
import { problemSentence } from "./problems.js";

/**
 * Opens the dialog `box`; its form, once submitted, does `act()`, a promise, and closes. What `act` refuses stands in
 * the dialog. Returns close().
 */
function ask(box, act, options = {}) {
  const form = box.querySelector("form");
  const problem = box.querySelector("[data-problem]");
  if (problem !== null) problem.textContent = "";
  let isBusy = false;
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    try {
      await act();
      close();
    } catch (error) {
      if (problem === null) close();
      else problem.textContent = error instanceof Missing ? error.message : problemSentence(error);
    } finally {
      isBusy = false;
    }
  };
  form.addEventListener("submit", submit);
  const close = openDialog(box, {
    first: options.first || null,
    onClose: () => {
      form.removeEventListener("submit", submit);
      if (options.onClose) options.onClose();
    },
  });
  return close;
}

class Missing extends Error {}

/** Shows who is there to be handed a ticket; who was chosen stays so. */
export function showColleagues(box, colleagues) {
  const present = colleagues.filter(({ me, presence }) => !me && presence !== "gone");
  const chosen = box.querySelector("[name=colleague]:checked");
  const isFocused = box.querySelector("[name=colleague]:focus") !== null;
  fill(
    box.querySelector("[data-colleagues]"),
    present.length === 0 && el("p", {}, say("hand_none")),
    present.map(({ name, presence, tickets }) =>
      el(
        "label",
        { class: "option" },
        el("input", { type: "radio", name: "colleague", value: name, checked: chosen !== null && chosen.value === name }),
        " ",
        el("span", {}, say("hand_who", { name, presence: say(`presence_${presence}`), count: tickets })),
      ),
    ),
  );
  box.querySelector("[type=submit]").hidden = present.length === 0;
  const focused = box.querySelector("[name=colleague]:checked") || box.querySelector("[name=colleague]");
  if (isFocused && focused !== null) focused.focus();
}

export function askColleague(box, colleagues, handOver) {
  const note = box.querySelector("textarea");
  note.value = "";
  box.querySelector("[data-colleagues]").textContent = "";
  showColleagues(box, colleagues);
  return ask(box, async () => {
    const chosen = box.querySelector("[name=colleague]:checked");
    if (chosen === null) throw new Missing(say("hand_who_missing"));
    try {
      await handOver(chosen.value, note.value.trim() || null);
    } catch (error) {
      if (error instanceof Refusal && error.code === "colleague_gone") throw new Missing(say("hand_gone"));
      throw error;
    }
  });
}

export function askEnding(box, number, end) {
  box.querySelector("h2").textContent = say("close_title", { number });
  box.querySelectorAll("[name=ending]").forEach((choice) => (choice.checked = false));
  const note = box.querySelector("textarea");
  note.value = "";
  return ask(box, async () => {
    const chosen = box.querySelector("[name=ending]:checked");
    if (chosen === null) throw new Missing(say("close_how_missing"));
    await end(chosen.value, note.value.trim() || null);
  });
}

export function askRelease(box, number, release) {
  box.querySelector("h2").textContent = say("release_sure", { number });
  return ask(box, release);
}

export function askToConfirm(box, confirm) {
  let isConfirmed = false;
  return ask(
    box,
    async () => {
      isConfirmed = true;
    },
    { onClose: () => isConfirmed && confirm() },
  );
}
