// An answer as a card: what the guide says on the facets of one item, in its own words, with its lines to unfold.

import { checklist } from "./checklist.js";
import { isHeading, isStep, joined, spans } from "./facts.js";
import { facets } from "./guide.js";
import { paragraphs } from "./words.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";

const LONG = 220;
const SECTIONS_OPEN = 2;

/** Returns the card for `answers`, messages of one item that follow one another. */
export function answerCard(answers) {
  const { item } = answers[0];
  const title = el("h2", {}, el("a", { href: `/items/${item.id}`, target: "_blank", rel: "noopener" }, item.title));
  const folds = answers.length > 2;
  const sections = answers.map((answer, index) => section(answer, folds, index));
  return el("div", { class: "answer", "data-item": item.id }, title, sections);
}

function section(answer, folds, index) {
  const name = facets[answer.facet];
  const heading = el("h3", {}, name);
  const body = el("div", { class: "facet-body" }, content(answer), sources(answer.facts));
  if (!folds) return el("section", { class: "facet", "data-facet": answer.facet }, heading, body);
  const length = answer.facts.reduce((sum, fact) => sum + fact.text.length, 0);
  const open = index < SECTIONS_OPEN || length <= LONG;
  return el("details", { class: "facet fold", "data-facet": answer.facet, open }, el("summary", {}, heading), body);
}

function content(answer) {
  // Where the guide is silent there are no facts to show; what is said then stands in the text alone.
  if (answer.facts.every(isHeading)) return silence(answer);
  if (answer.facet === "materials") return checklist(answer.item, answer.facts);
  if (answer.facts.some(isStep)) return steps(answer.facts);
  return statements(answer.facts);
}

function silence(answer) {
  const lines = answer.text.split("\n").filter((line) => line !== `【${answer.item.title}】`);
  return paragraphs(lines.join("\n"));
}

function statements(facts) {
  return joined(facts).map((fact) => {
    if (isHeading(fact)) return el("h4", {}, fact.text);
    const role = fact.value && fact.value.role ? `${fact.value.role}：` : "";
    return el("p", { class: depth(fact) }, role + fact.text);
  });
}

/** Returns how deep a statement stands under the guide's headings, as a class. */
function depth(fact) {
  const path = fact.applies_to;
  const namedHere = path.length > 0 && fact.text.includes(path[path.length - 1]);
  return `depth-${Math.min(path.length - (namedHere ? 1 : 0), 2)}`;
}

/** Shows the boxes of a flow chart as numbered steps, each chart of its own under its name. */
function steps(facts) {
  const parts = [];
  const variants = facts.map((fact) => isStep(fact) && fact.value.variant);
  let list = null;
  let variant = null;
  facts.forEach((fact) => {
    // The name of a chart stands over its steps, once.
    if (isHeading(fact) && variants.includes(fact.text)) return;
    const step = isStep(fact) ? fact.value : null;
    if (step === null) {
      parts.push(el(isHeading(fact) ? "h4" : "p", {}, fact.text));
      list = null;
      return;
    }
    if (list === null || step.variant !== variant) {
      if (step.variant) parts.push(el("h4", {}, step.variant));
      variant = step.variant;
      list = el("ol", { class: "steps" });
      parts.push(list);
    }
    list.append(el("li", {}, fact.text));
  });
  return parts;
}

/** Returns the fold with the guide's lines word for word; they are put in when it is first opened. */
function sources(facts) {
  if (facts.length === 0) return null;
  const lines = el("ol", { class: "guide-lines plain" });
  const opened = () => {
    if (lines.childElementCount > 0) return;
    fill(lines, joined(facts).map((fact) => {
      return el("li", {}, el("span", { class: "line-number" }, spans([fact])), " ", fact.text);
    }));
  };
  const label = say("source", { lines: spans(facts) });
  return el("details", { class: "source", toggle: opened }, el("summary", {}, label), lines);
}
