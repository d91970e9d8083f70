// The guide: the edition in force, a new one uploaded and looked at, the switch and the way back.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { wireLogOut } from "../staff/calls.js";
import { button, moment } from "../staff/dom.js";
import { onSubmit, showError } from "../staff/forms.js";
import { ask, known } from "./asking.js";
import { confirmed } from "./confirming.js";
import { doubtsOf, differencesOf, editorsWork } from "./differences.js";
import { table } from "./table.js";
import { tellDone, trying } from "./telling.js";

const CALLS = "/api/v1/office/editions";
const form = document.querySelector("[data-upload]");
const file = document.getElementById("file");
const problems = document.querySelector("[data-problems]");
const look = document.querySelector("[data-look]");
const lookTitle = document.getElementById("look-title");
const lookBody = document.querySelector("[data-look-body]");
const now = document.querySelector("[data-now]");
const editions = document.querySelector("[data-editions]");
const history = document.querySelector("[data-history]");

// ------------------------------------------------------------ what there is

async function load() {
  await trying("guide", async () => show(await ask("GET", CALLS)));
}

function show(shelf) {
  const current = shelf.editions.find((edition) => edition.state === "current");
  const before = shelf.editions.find((edition) => edition.id === shelf.back);
  fill(
    now,
    current ? el("p", {}, el("strong", {}, current.name), " ", el("span", { class: "tag" }, current.edition)) : null,
    current && current.in_force_at
      ? el("p", { class: "muted" }, say("guide_now_since", { at: moment(current.in_force_at), by: current.in_force_by || "—" }))
      : null,
    current && before
      ? el("p", { class: "row" }, button(say("guide_back"), () => rollBack(current, before), "secondary"))
      : null
  );
  fill(
    editions,
    table(
      say("guide_editions_caption"),
      ["name", "state", "uploaded", "in_force", "act"].map((name) => say(`guide_column_${name}`)),
      [...shelf.editions].reverse().map(row)
    )
  );
  fill(
    history,
    table(
      say("guide_history_caption"),
      ["when", "by", "what", "edition"].map((name) => say(`guide_history_${name}`)),
      shelf.history.map((change) => [moment(change.at), change.by || "—", known(`guide_deed_${change.deed}`) || change.deed, change.edition])
    )
  );
}

function row(edition) {
  const { name } = edition;
  const isDraft = edition.state === "draft";
  const by = (at, who) => (at ? say("guide_by", { at: moment(at), by: who || "—" }) : "—");
  return [
    name,
    el("span", { class: `tag state ${edition.state === "current" ? "good" : ""}` }, say(`guide_state_${edition.state}`)),
    by(edition.built_at, edition.built_by),
    by(edition.in_force_at, edition.in_force_by),
    el(
      "div",
      { class: "row" },
      edition.state === "current"
        ? null
        : button(say("guide_look"), () => lookAt(edition), "secondary small", { "aria-label": say("guide_look_of", { name }) }),
      el("a", { class: "button quiet small", href: `${CALLS}/${edition.id}/text`, download: true, "aria-label": say("guide_text_of", { name }) }, say("guide_text")),
      isDraft ? button(say("guide_discard"), () => discard(edition), "quiet small", { "aria-label": say("guide_discard_of", { name }) }) : null
    ),
  ];
}

// ------------------------------------------------------------ an upload

onSubmit(form, async () => {
  problems.hidden = true;
  const given = file.files[0];
  showError(file, given ? null : say("guide_file_missing"));
  if (!given) {
    file.focus();
    return;
  }
  tellDone(null);
  const submit = form.querySelector("button");
  submit.textContent = say("guide_uploading");
  await trying("guide", async () => {
    try {
      const uploaded = await ask("POST", `${CALLS}?name=${encodeURIComponent(given.name)}`, { raw: given, kind: "text/plain" });
      form.reset();
      await load();
      showLook(uploaded.edition, uploaded.doubts, uploaded.comparison);
      tellDone(say("guide_uploaded", { name: given.name }));
    } catch (error) {
      if (error.code !== "guide_refused") throw error;
      showProblems(given.name, error.errors);
    }
  });
  submit.textContent = say("guide_upload");
});

function showProblems(name, errors) {
  fill(
    problems,
    el("div", { class: "notice bad", role: "alert" }, el("p", {}, say("guide_refused", { name }))),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": say("guide_problems_caption", { count: errors.length }) },
      table(
        say("guide_problems_caption", { count: errors.length }),
        [say("guide_problem_line"), say("guide_problem_what")],
        errors.map(({ line, what }) => [line || "—", what])
      )
    )
  );
  problems.hidden = false;
  problems.focus();
}

// ------------------------------------------------------------ looking at one

async function lookAt(edition) {
  await trying("guide", async () => {
    const [{ doubts }, comparison] = await Promise.all([
      ask("GET", `${CALLS}/${edition.id}/lint`),
      ask("GET", `${CALLS}/${edition.id}/comparison`),
    ]);
    showLook(edition, doubts, comparison);
    look.focus();
  });
}

function showLook(edition, doubts, comparison) {
  lookTitle.textContent = say("guide_review_title", { name: edition.name });
  fill(
    lookBody,
    differencesOf(comparison),
    editorsWork(comparison.needs_editor),
    doubtsOf(doubts),
    el(
      "p",
      { class: "row" },
      button(say("guide_switch"), () => switchTo(edition, doubts.length, comparison.needs_editor.length), "", {
        "aria-label": say("guide_switch_of", { name: edition.name }),
      })
    )
  );
  look.hidden = false;
}

// ------------------------------------------------------------ acts

async function switchTo(edition, doubts, work) {
  const { name } = edition;
  const lines = [say("guide_switch_text")];
  if (doubts) lines.push(say("guide_switch_doubts", { count: doubts }));
  if (work) lines.push(say("guide_switch_editor", { count: work }));
  if (!(await confirmed(say("guide_switch_sure", { name }), lines, say("guide_switch")))) return;
  tellDone(say("office_working"));
  await trying("guide", async () => {
    await ask("POST", `${CALLS}/${edition.id}/switch`);
    look.hidden = true;
    tellDone(say("guide_switched", { name }));
  });
  await load();
}

async function rollBack(current, before) {
  const { name } = before;
  if (!(await confirmed(say("guide_back_sure", { name }), [say("guide_back_text")], say("guide_back")))) return;
  tellDone(say("office_working"));
  await trying("guide", async () => {
    await ask("POST", `${CALLS}/roll-back?leaving=${current.id}`);
    tellDone(say("guide_rolled_back", { name }));
  });
  await load();
}

async function discard(edition) {
  const { name } = edition;
  if (!(await confirmed(say("guide_discard_sure", { name }), [say("guide_discard_text")], say("guide_discard"), "danger"))) return;
  await trying("guide", async () => {
    await ask("DELETE", `${CALLS}/${edition.id}`);
    look.hidden = true;
    tellDone(say("guide_discarded", { name }));
  });
  await load();
}

wireLogOut();
load();
