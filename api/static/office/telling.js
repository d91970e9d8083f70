// Boxes above the work: what went wrong, what was done. Whoever is told gets the focus there.

import { showBox } from "../staff/forms.js";
import { Refused } from "./asking.js";

const problem = document.querySelector("[data-problem]");
const told = document.querySelector("[data-told]");
const status = document.querySelector("[data-status]");

/** Shows what was done; null puts the box away. */
export function tellDone(sentence) {
  showBox(problem, null);
  if (told) showBox(told, sentence);
}

/** Reads out what stands on the page already. */
export function readOut(sentence) {
  status.textContent = sentence;
}

/** Leads `act`; a refusal is told in the words of `area`. Returns whether it went well. */
export async function trying(area, act) {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (told) showBox(told, null);
    showBox(problem, error.sentence(area));
    return false;
  }
}
