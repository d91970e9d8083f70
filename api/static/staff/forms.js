// Forms of an account: what is wrong stands beside its field and in a box above, which gets the focus.

/** Shows `sentence` in a box and moves the focus there; null puts the box away. */
export function showBox(box, sentence) {
  box.hidden = sentence === null;
  if (sentence === null) return;
  box.querySelector("p").textContent = sentence;
  if (box.hasAttribute("tabindex")) box.focus();
}

/** Says what is wrong with a field; null takes it back. */
export function showError(field, sentence) {
  const said = document.getElementById(`${field.id}-error`);
  const hint = document.getElementById(`${field.id}-hint`);
  said.hidden = sentence === null;
  said.textContent = sentence || "";
  if (sentence === null) field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
  const describing = [hint && hint.id, sentence !== null && said.id].filter(Boolean).join(" ");
  if (describing) field.setAttribute("aria-describedby", describing);
  else field.removeAttribute("aria-describedby");
}

/** Lets only one call of a form be under way; the button stays in reach of the keyboard. */
export function onSubmit(form, act) {
  let busy = false;
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await act();
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  });
}
