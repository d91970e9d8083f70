// Review: the queue of doubtful messages by shelf and reason, each with its verdicts and, when asked for, the form.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { wireLogOut } from "../staff/calls.js";
import { button, moment } from "../staff/dom.js";
import { ask, known } from "./asking.js";
import { readOut, trying } from "./telling.js";
import { openForm } from "./verdict.js";
import { refreshTraining } from "./training.js";

const CALLS = "/api/v1/office/review";
const SHELVES = ["open", "differ", "done"];
const shelves = document.querySelector("[data-shelves]");
const doubt = document.querySelector("[data-doubt]");
const list = document.querySelector("[data-messages]");
const more = document.querySelector("[data-more]");
const facetNames = JSON.parse(document.getElementById("facets").textContent);

let shelf = SHELVES[0];
let next = null;
let choices = null;
let asked = 0;

// ------------------------------------------------------------ the queue

async function load({ isMore = false } = {}) {
  const turn = ++asked;
  const query = new URLSearchParams({ shelf });
  if (doubt.value) query.set("doubt", doubt.value);
  if (isMore && next) query.set("before", next);
  list.setAttribute("aria-busy", "true");
  await trying("review", async () => {
    const page = await ask("GET", `${CALLS}?${query}`);
    if (turn !== asked) return;
    showShelves(page.counts);
    if (!isMore) fill(list);
    page.messages.forEach((message) => list.append(entry(message)));
    if (list.children.length === 0) fill(list, el("li", { class: "muted" }, say(`review_none_${shelf}`)));
    next = page.next;
    more.hidden = next === null;
  });
  list.removeAttribute("aria-busy");
}

function showShelves(counts) {
  fill(
    shelves,
    ...SHELVES.map((name) =>
      button(
        say("review_shelf_with_count", { name: say(`review_shelf_${name}`), count: counts[name] }),
        () => {
          shelf = name;
          load().then(() => shelves.children[SHELVES.indexOf(name)].focus());
        },
        name === shelf ? "" : "secondary",
        { "aria-pressed": String(name === shelf) }
      )
    )
  );
}

// ------------------------------------------------------------ one message

function entry(message) {
  const box = el("li", { class: "card message", "data-key": message.key });
  paint(box, message);
  return box;
}

function paint(box, message) {
  const mine = message.verdicts.find((verdict) => verdict.mine);
  const meanings = new Set(message.verdicts.map(meaning));
  const acts = el("p", { class: "row acts" });
  fill(
    acts,
    button(say(mine ? "review_change" : "review_do"), () => judge(box, message, mine), mine ? "secondary" : ""),
    mine && mine.kind === "no_use"
      ? null
      : button(say("review_no_use"), () => send(box, message, { kind: "no_use" }), "secondary"),
    mine ? button(say("review_take_back"), () => takeBack(box, message), "quiet") : null
  );
  fill(
    box,
    el("p", { class: "said" }, message.text),
    el(
      "p",
      { class: "about" },
      ...message.doubts.map((name) => [el("span", { class: `tag doubt-${name}` }, say(`review_doubt_${name}`)), " "]),
      ...message.thumb_reasons.map((name) => [el("span", { class: "tag" }, say(`review_thumb_${name}`)), " "]),
      el("span", { class: "muted small" }, `${say("review_count", message)} · ${moment(message.at)}`)
    ),
    el("p", { class: "small" }, understood(message)),
    message.verdicts.length ? el("ul", { class: "plain verdicts" }, ...message.verdicts.map(verdictLine)) : null,
    meanings.size > 1 ? el("p", { class: "notice warn" }, say("review_differ_note")) : null,
    acts
  );
}

function understood(message) {
  const decision = known(`review_decision_${message.decision}`) || message.decision;
  const items = message.items.slice(0, 3).map(({ title, confidence }) =>
    say("review_understood_item", { title, percent: Math.round(confidence * 100) })
  );
  const facets = message.facets.map((name) => facetNames[name] || name);
  const parts = [decision, items.join("、") || say("review_understood_none"), facets.join("、")].filter(Boolean);
  return `${say("review_understood")}：${parts.join(" · ")}`;
}

const meaning = (verdict) =>
  JSON.stringify([verdict.kind, verdict.items, verdict.is_double, verdict.facets, verdict.applicant, verdict.scope, verdict.topic]);

function verdictLine(verdict) {
  const who = say("review_said_by", { editor: verdict.editor, at: moment(verdict.at) });
  return el("li", {}, el("strong", {}, verdict.mine ? say("review_mine") : who), "：", means(verdict));
}

function means(verdict) {
  if (verdict.kind === "no_use") return say("review_no_use");
  const title = (id) => (choices && (choices.items.find((item) => item.id === id) || {}).label) || id;
  const items = verdict.items.map(title).join(verdict.is_double ? " + " : "、");
  const facets = verdict.facets.map((name) => facetNames[name] || name).join("、");
  if (verdict.kind === "item") return [items, facets, verdict.applicant].filter(Boolean).join(" · ");
  const topic = verdict.scope === "followup" ? facets : known(`review_topic_${verdict.topic}`) || verdict.topic;
  return [known(`review_scope_${verdict.scope}`) || verdict.scope, topic, items].filter(Boolean).join(" · ");
}

// ------------------------------------------------------------ verdicts

function judge(box, message, mine) {
  const acts = box.querySelector(".acts");
  acts.hidden = true;
  const form = openForm(message, mine, choices, {
    save: (verdict) => send(box, message, verdict),
    cancel: () => {
      form.remove();
      acts.hidden = false;
      acts.querySelector("button").focus();
    },
  });
  box.append(form);
  form.querySelector("input, textarea, select").focus();
}

/** Sends a verdict. What is wrong with a field is the form's to tell; everything else is told above. */
async function send(box, message, verdict) {
  let answer = null;
  let wrong = [];
  await trying("review", async () => {
    try {
      answer = await ask("PUT", `${CALLS}/${message.key}/verdict`, { body: verdict });
    } catch (error) {
      if (error.code !== "verdict_refused") throw error;
      wrong = error.errors;
    }
  });
  if (answer === null) return wrong;
  await settle(box, answer, say("review_saved"));
  return [];
}

async function takeBack(box, message) {
  await trying("review", async () => {
    await ask("DELETE", `${CALLS}/${message.key}/verdict`);
    await settle(box, { ...message, verdicts: message.verdicts.filter((verdict) => !verdict.mine) }, say("review_taken_back"));
  });
}

/** Shows a message as it stands now. It stays where it is until the shelf is read again: whoever erred can go back. */
async function settle(box, message, sentence) {
  paint(box, message);
  box.classList.add("settled");
  box.querySelector(".acts button").focus();
  readOut(sentence);
  const { counts } = await ask("GET", `${CALLS}?shelf=${shelf}&limit=1`);
  showShelves(counts);
  refreshTraining();
}

doubt.addEventListener("change", () => load());
more.addEventListener("click", () => load({ isMore: true }));
wireLogOut();
trying("review", async () => {
  choices = await ask("GET", `${CALLS}/choices`);
  await load();
});
