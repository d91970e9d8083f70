// Thumbs under an answer; a thumb down asks why, in a dialog that one may close.

import { call } from "./calls.js";
import { button } from "./dom.js";
import { read, write } from "./kept.js";
import { current } from "./session.js";
import { tell } from "./status.js";
import { openDialog } from "../shared/dialog.js";
import { say } from "../shared/wording.js";

const KEY = "thumbs";

/** Returns the two thumbs of the entry that `seqOf()` numbers; none while it has no number. */
export function thumbs(seqOf) {
  const up = button(say("helpful"), () => give("up"), { drawing: "up", "data-thumb": "up" });
  const down = button(say("not_helpful"), () => give("down"), { drawing: "down", "data-thumb": "down" });
  const show = () => {
    const given = read(KEY, {})[seqOf()];
    up.setAttribute("aria-pressed", String(given === "up"));
    down.setAttribute("aria-pressed", String(given === "down"));
  };
  const give = async (thumb) => {
    const said = await send(seqOf(), thumb);
    show();
    if (said && thumb === "down") ask(seqOf());
    else if (said) tell(say("feedback_thanks"));
  };
  show();
  return [up, down];
}

async function send(seq, thumb, more = {}) {
  const session = current();
  if (session === null || !seq) return false;
  const body = { session_id: session.id, seq, thumb, ...more };
  try {
    await call("POST", "feedback", { body, token: session.token });
  } catch (error) {
    tell(say("feedback_failed"));
    return false;
  }
  write(KEY, { ...read(KEY, {}), [seq]: thumb });
  return true;
}

function ask(seq) {
  const box = document.getElementById("reasons");
  const form = box.querySelector("form");
  form.reset();
  const close = openDialog(box, { first: form.elements.reason[0] });
  form.onsubmit = (event) => {
    event.preventDefault();
    const chosen = form.querySelector("[name=reason]:checked");
    const comment = form.elements.comment.value.trim();
    const more = {};
    if (chosen !== null) more.reason = chosen.value;
    if (comment !== "") more.comment = comment;
    close();
    send(seq, "down", more).then((said) => said && tell(say("feedback_thanks")));
  };
}
