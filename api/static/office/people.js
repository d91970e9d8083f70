// Accounts and the audit log: who may do what, and who did what.

import { openDialog } from "../shared/dialog.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { me, wireLogOut } from "../staff/calls.js";
import { button, moment } from "../staff/dom.js";
import { onSubmit, showError } from "../staff/forms.js";
import { Refused, ask, known } from "./asking.js";
import { confirmed } from "./confirming.js";
import { number, table } from "./table.js";
import { tellDone, trying } from "./telling.js";

const CALLS = "/api/v1/staff";
const roles = JSON.parse(document.getElementById("roles").textContent);
const accounts = document.querySelector("[data-accounts]");
const form = document.querySelector("[data-add]");
const [name, role, password] = ["name", "role", "password"].map((id) => document.getElementById(id));
const reset = document.querySelector("[data-reset]");
const resetForm = document.querySelector("[data-reset-form]");
const resetField = document.getElementById("reset");
const resetTitle = document.getElementById("reset-title");
const audit = document.querySelector("[data-audit]");
const auditMore = document.querySelector("[data-audit-more]");

let entries = [];
let before = null;
let resetting = null;

// ------------------------------------------------------------ accounts

async function load() {
  const found = await ask("GET", `${CALLS}/accounts`);
  fill(
    accounts,
    table(
      say("people_accounts_caption"),
      [say("people_name"), say("people_role"), say("people_state"), say("people_created"), number(say("people_sessions")), say("people_act")],
      found.accounts.map(row)
    )
  );
}

function row(account) {
  const who = account.name;
  const choice = el("select", { "aria-label": say("people_role_of", { name: who }) }, ...roles.map((one) => el("option", { value: one }, say(`role_${one}`))));
  choice.value = account.role;
  const apply = button(say("people_role_do"), () => change(who, { role: choice.value }), "secondary small", { "aria-label": say("people_role_do_of", { name: who }), hidden: true });
  choice.addEventListener("change", () => {
    apply.hidden = choice.value === account.role;
  });
  const named = (key, act) => button(say(`people_${key}`), act, "quiet small", { "aria-label": say(`people_${key}_of`, { name: who }) });
  return [
    who,
    el("div", { class: "with-button" }, choice, apply),
    el("span", { class: `tag state ${account.disabled ? "bad" : "good"}` }, say(account.disabled ? "people_disabled" : "people_active")),
    moment(account.created),
    String(account.sessions),
    el(
      "div",
      { class: "row" },
      named("password", () => openReset(who)),
      account.sessions && who !== me.name ? named("end", () => endSessions(who)) : null,
      account.disabled ? named("enable", () => change(who, { disabled: false })) : named("disable", () => disable(who))
    ),
  ];
}

async function change(who, body) {
  const went = await trying("people", async () => {
    await ask("PATCH", `${CALLS}/accounts/${encodeURIComponent(who)}`, { body });
    tellDone(say("people_changed", { name: who }));
  });
  await trying("people", load);
  if (went) await loadAudit();
}

async function disable(who) {
  if (!(await confirmed(say("people_disable_sure", { name: who }), [say("people_disable_text")], say("people_disable"), "danger"))) return;
  await change(who, { disabled: true });
}

async function endSessions(who) {
  await trying("people", async () => {
    const { ended } = await ask("DELETE", `${CALLS}/accounts/${encodeURIComponent(who)}/sessions`);
    await load();
    tellDone(say("people_ended", { name: who, count: ended }));
  });
}

// ------------------------------------------------------------ a new account

/** Tells an error beside the field that it is about; returns whether there is one. */
function toldAtField(error, nameField, passwordField) {
  if (!(error instanceof Refused)) return false;
  const isPassword = error.code.indexOf("password_") === 0;
  const field = isPassword ? passwordField : ["name_taken", "bad_name"].indexOf(error.code) >= 0 ? nameField : null;
  if (field === null) return false;
  showError(field, error.sentence("people"));
  field.focus();
  return true;
}

onSubmit(form, async () => {
  tellDone(null);
  showError(name, name.value.trim() ? null : say("people_error_name_missing"));
  showError(password, password.value ? null : say("people_error_password_missing"));
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) {
    wrong.focus();
    return;
  }
  await trying("people", async () => {
    try {
      const added = await ask("POST", `${CALLS}/accounts`, { body: { name: name.value, role: role.value, password: password.value } });
      form.reset();
      await load();
      tellDone(say("people_added", { name: added.name }));
      await loadAudit();
    } catch (error) {
      if (!toldAtField(error, name, password)) throw error;
    }
  });
});

// ------------------------------------------------------------ another password

function openReset(who) {
  resetting = { who };
  resetTitle.textContent = say("people_password_of", { name: who });
  showError(resetField, null);
  resetting.close = openDialog(reset, { first: resetField, onClose: () => resetForm.reset() });
}

onSubmit(resetForm, async () => {
  showError(resetField, resetField.value ? null : say("people_error_password_missing"));
  if (!resetField.value) {
    resetField.focus();
    return;
  }
  const { who, close } = resetting;
  await trying("people", async () => {
    try {
      await ask("PATCH", `${CALLS}/accounts/${encodeURIComponent(who)}`, { body: { password: resetField.value } });
      close();
      await load();
      tellDone(say("people_changed", { name: who }));
      await loadAudit();
    } catch (error) {
      if (toldAtField(error, null, resetField)) return;
      close();
      throw error;
    }
  });
});

// ------------------------------------------------------------ the audit log

async function loadAudit({ isMore = false } = {}) {
  const page = await ask("GET", `${CALLS}/audit?limit=50${isMore && before ? `&before=${before}` : ""}`);
  entries = isMore ? [...entries, ...page.entries] : page.entries;
  before = page.next;
  auditMore.hidden = before === null;
  fill(
    audit,
    entries.length
      ? table(
          say("audit_caption"),
          ["when", "who", "what", "about", "address"].map((key) => say(`audit_${key}`)),
          entries.map((entry) => [
            moment(entry.at),
            entry.who || say("audit_nobody"),
            known(`audit_${entry.what}`) || entry.what,
            entry.about || "",
            entry.address || "",
          ]),
          { isHidden: true }
        )
      : el("p", { class: "muted" }, say("audit_none"))
  );
}

auditMore.addEventListener("click", () => trying("people", () => loadAudit({ isMore: true })));
wireLogOut();
trying("people", async () => {
  await Promise.all([load(), loadAudit()]);
});
