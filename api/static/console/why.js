// Why a message is understood as it is: candidates, what to do with it, the words that carried it.

import { el } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { facetName, percent } from "./labels.js";

const MOST = 5;
const SMALLEST = 0.005;

/** Returns what speaks for what, drawn from an explanation. */
export function whyView({ explain }) {
  const outcomes = sorted(explain.outcomes).map(([name, share]) => bar(say(`likely_${name}`), share));
  const facets = sorted(explain.facets).map(([name, share]) => bar(facetName(name), share));
  const candidates = explain.candidates.filter(({ share }) => share >= SMALLEST).map(({ title, share }) => bar(title, share));
  const features = explain.features.first.map(({ ngram, contribution }) =>
    el("span", { class: contribution > 0 ? "gram for" : "gram against" }, ngram),
  );
  const questions = explain.questions.map(({ text, decision, items }) => {
    const understood = [say(`decision_${decision}`), ...items.slice(0, 1).map(({ title }) => title)];
    return el("li", {}, `${text}：${understood.join(" · ")}`);
  });
  return el(
    "div",
    { class: "why" },
    el("p", { class: "why-note" }, say("why_alone")),
    part("why_outcomes", outcomes),
    part("why_questions", questions),
    part("why_candidates", candidates),
    part("why_facets", facets),
    features.length > 0 && el("div", {}, el("h4", {}, say("why_features")), el("p", { class: "grams" }, features)),
  );
}

function part(key, bars) {
  return bars.length > 0 && el("div", {}, el("h4", {}, say(key)), el("ul", { class: "plain bars" }, bars));
}

function bar(label, share) {
  const meter = el("meter", { min: 0, max: 1, value: share, "aria-hidden": "true" });
  return el("li", {}, el("span", { class: "bar-label" }, label), meter, el("span", { class: "bar-share" }, percent(share)));
}

function sorted(shares) {
  return Object.entries(shares)
    .filter(([, share]) => share >= SMALLEST)
    .sort((one, other) => other[1] - one[1])
    .slice(0, MOST);
}
