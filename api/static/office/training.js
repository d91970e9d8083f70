// Training: candidates to have, a run to start, watch and cancel, what the gate says, and the switch for admins.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { button, moment } from "../staff/dom.js";
import { ask, known } from "./asking.js";
import { confirmed } from "./confirming.js";
import { number, table } from "./table.js";
import { readOut, trying } from "./telling.js";

const CALLS = "/api/v1/office/trainings";
const EXPORT = "/api/v1/office/review/export";
const LOOK_MS = 2000;
const section = document.querySelector("[data-training]");
const body = section.querySelector("[data-training-body]");
const isAdmin = section.getAttribute("data-is-admin") === "yes";

let timer = null;
let shown = "";
const unfolded = new Set();

/** Asks how trainings stand and shows it, again and again while one is under way. */
export async function refreshTraining() {
  clearTimeout(timer);
  try {
    show(await ask("GET", CALLS));
  } catch (error) {
    // The next look may come through; while nothing is under way, the next act tells.
    if (shown !== "" && JSON.parse(shown).busy) timer = setTimeout(refreshTraining, LOOK_MS);
  }
}

function show(trainings) {
  if (trainings.busy) timer = setTimeout(refreshTraining, LOOK_MS);
  const now = JSON.stringify(trainings);
  const wasBusy = shown !== "" && JSON.parse(shown).busy;
  // What has not changed is left alone: focus and what is unfolded stay.
  if (now === shown && !trainings.busy) return;
  shown = now;
  const running = trainings.busy ? trainings.runs.find((run) => !run.ended) || null : null;
  const focused = document.activeElement && document.activeElement.getAttribute("data-act");
  fill(
    body,
    el("p", {}, say("training_lead", { count: trainings.candidates })),
    el("p", { class: "small muted" }, say("training_model", { model: trainings.model })),
    trainings.busy ? progress(running, trainings.said) : acts(trainings),
    runs(trainings)
  );
  if (focused) {
    const again = body.querySelector(`[data-act="${focused}"]`);
    if (again) again.focus();
  }
  if (wasBusy && !trainings.busy && trainings.runs.length) readOut(say(`training_state_${trainings.runs[0].state}`));
}

function acts({ candidates, back }) {
  const files = ["messages", "scope"].map((part) =>
    el("a", { class: "button secondary", href: `${EXPORT}/${part}`, download: true }, say(`training_export_${part}`))
  );
  return el(
    "p",
    { class: "row" },
    candidates ? button(say("training_start"), start, "", { "data-act": "start" }) : null,
    ...(candidates ? files : []),
    isAdmin && back ? button(say("training_back"), rollBack, "secondary", { "data-act": "back" }) : null
  );
}

function progress(run, said) {
  const state = run ? run.state : "preparing";
  const seconds = run ? Math.max(0, Math.round((Date.now() - new Date(run.started)) / 1000)) : 0;
  const steps = ["preparing", "training", "measuring"];
  return el(
    "div",
    { class: "progress" },
    el(
      "ol",
      { class: "plain steps" },
      ...steps.map((step) =>
        el("li", { "aria-current": step === state ? "step" : null, class: steps.indexOf(step) < steps.indexOf(state) ? "over" : "" }, say(`training_state_${step}`))
      )
    ),
    el("p", {}, say("training_elapsed", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 })),
    said.length ? el("pre", { class: "said-last", tabindex: "0", "aria-label": say("training_said") }, said.join("\n")) : null,
    button(say("training_cancel"), cancel, "danger", { "data-act": "cancel" })
  );
}

// ------------------------------------------------------------ what was trained

function runs(trainings) {
  const over = trainings.runs.filter((run) => run.ended || !trainings.busy);
  if (over.length === 0) return trainings.busy ? null : el("p", { class: "muted" }, say("training_none"));
  return el("ul", { class: "plain runs", "aria-label": say("training_runs_caption") }, ...over.map(runEntry));
}

function runEntry(run) {
  const look = run.state === "passed" ? "good" : run.state === "cancelled" ? "" : "bad";
  const canSwitch = isAdmin && run.state === "passed" && !run.in_force;
  return el(
    "li",
    { class: "run" },
    el(
      "p",
      { class: "run-head" },
      el("span", { class: `tag state ${look}` }, say(`training_state_${run.state}`)),
      " ",
      run.in_force ? [el("span", { class: "tag" }, say("training_in_force")), " "] : null,
      el("span", {}, say("training_started_by", { at: moment(run.started), by: run.by }))
    ),
    el("p", { class: "small" }, run.learned === null ? say("training_candidates", run) : say("training_learned", run)),
    run.why ? el("p", { class: "small" }, known(`training_why_${run.why}`) || say("training_why", run)) : null,
    run.gate.length || run.left_out.length ? details(run) : null,
    canSwitch ? el("p", { class: "row" }, button(say("training_switch"), () => switchTo(run), "", { "data-act": `switch-${run.id}` })) : null
  );
}

function details(run) {
  const fold = el(
    "details",
    { toggle: (event) => (event.target.open ? unfolded.add(run.id) : unfolded.delete(run.id)) },
    el("summary", {}, say("training_details")),
    run.measured_by ? el("p", { class: run.measured_by === "nlu_data" ? "notice warn" : "small" }, say(`training_measured_${run.measured_by}`)) : null,
    run.gate.length ? el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("training_gate_caption") }, gate(run)) : null,
    run.left_out.length ? el("h3", {}, say("training_left_out")) : null,
    run.left_out.length ? el("ul", {}, ...run.left_out.map(({ text, why }) => el("li", {}, `${text}（${reason(why)}）`))) : null
  );
  fold.open = unfolded.has(run.id);
  return fold;
}

function reason(why) {
  const [kind, intent] = why.split(" ");
  return known(`training_left_out_${kind}`, { intent: intent || "" }) || why;
}

function gate(run) {
  const value = (given) => (given === null ? "—" : given.toFixed(3));
  const heads = ["set", "figure", "bound", "before", "value"].map((name, i) => (i < 3 ? say(`training_gate_${name}`) : number(say(`training_gate_${name}`))));
  return table(
    say("training_gate_caption"),
    [...heads, say("training_column_state")],
    run.gate.map((row) => [
      known(`training_set_${row.set}`) || row.set,
      known(`training_figure_${row.figure}`) || row.figure,
      say(row.is_ceiling ? "training_at_most" : "training_at_least", { bound: row.bound }),
      value(row.before),
      value(row.value),
      el("span", { class: `state ${row.is_good ? "good" : "bad"}` }, say(row.is_good ? "training_gate_good" : "training_gate_bad")),
    ])
  );
}

// ------------------------------------------------------------ acts

function start() {
  return trying("training", async () => show(await ask("POST", CALLS)));
}

async function cancel() {
  if (!(await confirmed(say("training_cancel_sure"), [say("training_cancel_text")], say("training_cancel"), "danger"))) return;
  await trying("training", () => ask("DELETE", `${CALLS}/current`));
  await refreshTraining();
}

async function switchTo(run) {
  const lines = [say("training_switch_text")];
  if (run.measured_by === "nlu_data") lines.push(say("training_measured_nlu_data"));
  if (!(await confirmed(say("training_switch_sure"), lines, say("training_switch")))) return;
  await trying("training", async () => show(await ask("POST", `${CALLS}/${run.id}/switch`))) && readOut(say("training_switched"));
}

async function rollBack() {
  if (!(await confirmed(say("training_back_sure"), [say("training_back_text")], say("training_back")))) return;
  await trying("training", async () => show(await ask("POST", `${CALLS}/roll-back`))) && readOut(say("training_rolled_back"));
}

refreshTraining();
