// One's account: a new password, and the places where one is logged in.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { Problem, call, me, wireLogOut } from "./calls.js";
import { button, moment } from "./dom.js";
import { onSubmit, showBox, showError } from "./forms.js";

const form = document.querySelector("[data-password]");
const problem = document.querySelector("[data-problem]");
const told = document.querySelector("[data-told]");
const list = document.querySelector("[data-sessions]");
const others = document.querySelector("[data-end-others]");
const sessionsTold = document.querySelector("[data-sessions-told]");
const [now, renewed, again] = ["password", "new", "again"].map((id) => document.getElementById(id));

// ------------------------------------------------------------ password

const OF_FIELD = { wrong_password: now };

onSubmit(form, async () => {
  showBox(problem, null);
  showBox(told, null);
  showError(now, now.value ? null : say("password_missing"));
  showError(renewed, renewed.value ? null : say("password_missing"));
  showError(again, again.value === renewed.value ? null : say("password_differ"));
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) {
    wrong.focus();
    return;
  }
  try {
    const body = { password: now.value, new_password: renewed.value };
    me.csrf = (await call("PUT", "/api/v1/staff/password", { body })).csrf;
    form.reset();
    showBox(told, say("password_done"));
    await showSessions();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const isWeak = error.code && error.code.indexOf("password_") === 0;
    const field = OF_FIELD[error.code] || (isWeak && renewed);
    if (field) {
      showError(field, error.sentence);
      field.focus();
    } else {
      showBox(problem, error.sentence);
    }
  }
});

// ------------------------------------------------------------ sessions

async function showSessions() {
  const { sessions } = await call("GET", "/api/v1/staff/sessions");
  document.querySelector("[data-others]").hidden = sessions.length < 2;
  document.querySelector("[data-only-here]").hidden = sessions.length > 1;
  fill(
    list,
    el(
      "table",
      {},
      el("caption", { class: "visually-hidden" }, say("sessions_title")),
      el("thead", {}, el("tr", {}, ...["opened", "seen", "where", "browser"].map((key) => el("th", { scope: "col" }, say(`session_${key}`))), el("td"))),
      el("tbody", {}, ...sessions.map(row))
    )
  );
}

function row(session) {
  const opened = moment(session.opened);
  const end = session.current
    ? el("span", { class: "tag" }, say("session_here"))
    : button(say("session_end"), () => endOne(session.id), "secondary small", {
        "aria-label": say("session_end_of", { opened }),
      });
  return el(
    "tr",
    {},
    el("td", {}, opened),
    el("td", {}, moment(session.seen)),
    el("td", {}, session.address || say("session_unknown")),
    el("td", { class: "browser" }, session.browser || say("session_unknown")),
    el("td", {}, end)
  );
}

async function ending(act) {
  showBox(sessionsTold, null);
  try {
    const sentence = await act();
    await showSessions();
    showBox(sessionsTold, sentence);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showBox(sessionsTold, error.sentence);
  }
}

function endOne(id) {
  return ending(async () => {
    await call("DELETE", `/api/v1/staff/sessions/${id}`).catch((error) => {
      // It is over already: that is what was wanted.
      if (error.status !== 404) throw error;
    });
    return say("session_ended");
  });
}

others.addEventListener("click", () =>
  ending(async () => {
    const { ended } = await call("POST", "/api/v1/staff/sessions/end-others");
    return say("sessions_ended", { count: ended });
  })
);

wireLogOut();
ending(async () => null);
