// The form of a verdict: an item with facets, or a class of what no item answers. What was typed stays on errors.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { button } from "../staff/dom.js";
import { known } from "./asking.js";

let forms = 0;

/** Returns the form for `message`, filled with `mine` where there is one; `save` resolves to the errors of fields. */
export function openForm(message, mine, choices, { save, cancel }) {
  const id = `verdict-${++forms}`;
  const start = mine && mine.kind !== "no_use" ? mine : null;
  const state = { kind: start ? start.kind : "item", items: start ? [...start.items] : likely(message) };
  const text = el("textarea", { id: `${id}-text`, rows: "2", maxlength: "1000" });
  text.value = start ? start.text : message.text;

  const kinds = radios(id, state.kind, (kind) => {
    state.kind = kind;
    arrange();
  });
  const items = itemPicker(id, choices, state.items);
  const double = check(`${id}-double`, say("review_is_double"), start ? start.is_double : false);
  const facets = facetPicker(id, choices, start ? start.facets : message.facets);
  const applicant = select(`${id}-applicant`, [["", say("review_applicant_none")], ...choices.applicants.map((name) => [name, name])], start ? start.applicant || "" : "");
  const scope = select(`${id}-scope`, [["", say("review_choose")], ...choices.scopes.map((one) => [one.id, one.label])], start ? start.scope || "" : "");
  const topic = el("select", { id: `${id}-topic` });
  const fields = {
    text: field(say("review_text"), text, say("review_text_hint")),
    items: field(say("review_items"), items.box, say("review_items_hint"), items.input),
    double: double.box,
    facets: group(id, say("review_facets"), facets.box, say("review_facets_hint", { facet: choices.facets[0].label })),
    applicant: field(say("review_applicant"), applicant),
    scope: field(say("review_scope"), scope),
    topic: field(say("review_topic"), topic),
  };

  function arrange() {
    const chosen = choices.scopes.find((one) => one.id === scope.value);
    const isItem = state.kind === "item";
    fields.items.hidden = !isItem && scope.value !== "clarify";
    fields.double.hidden = !isItem;
    fields.facets.hidden = !isItem && scope.value !== "followup";
    fields.applicant.hidden = !isItem;
    fields.scope.hidden = isItem;
    fields.topic.hidden = isItem || !chosen || chosen.topics.length === 0;
    const before = topic.value || (start && start.topic) || "";
    fill(topic, ...[{ id: "", label: say("review_choose") }, ...(chosen ? chosen.topics : [])].map((one) => el("option", { value: one.id }, one.label)));
    topic.value = Array.from(topic.options).some((option) => option.value === before) ? before : "";
  }
  scope.addEventListener("change", arrange);

  const submit = el("button", { type: "submit" }, say("review_save"));
  const form = el(
    "form",
    { class: "verdict", novalidate: true, "aria-label": say("review_form_label", { text: message.text.slice(0, 30) }) },
    kinds,
    ...Object.values(fields),
    el("p", { class: "row" }, submit, button(say("office_cancel"), cancel, "secondary"))
  );
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    submit.setAttribute("aria-disabled", "true");
    Object.values(fields).forEach((box) => showWrong(box, null));
    const errors = await save({
      kind: state.kind,
      text: text.value,
      items: fields.items.hidden ? [] : items.chosen(),
      is_double: state.kind === "item" && double.input.checked,
      facets: fields.facets.hidden ? [] : facets.chosen(),
      applicant: state.kind === "item" ? applicant.value || null : null,
      scope: state.kind === "scope" ? scope.value || null : null,
      topic: fields.topic.hidden ? "" : topic.value,
    });
    errors.forEach(({ where, what }) => {
      const name = where.replace("body.", "");
      if (fields[name]) showWrong(fields[name], known(`review_error_${name}_${what}`) || what);
    });
    const first = form.querySelector(".wrong input, .wrong textarea, .wrong select");
    if (first) first.focus();
    busy = false;
    submit.removeAttribute("aria-disabled");
  });
  arrange();
  return form;
}

/** The first item that was understood is what most verdicts keep. */
function likely(message) {
  return message.items.length && message.items[0].confidence >= 0.3 ? [message.items[0].id] : [];
}

// ------------------------------------------------------------ fields

function field(label, control, hint = null, labelled = control) {
  const error = el("p", { class: "field-error", id: `${labelled.id}-error`, hidden: true });
  const told = hint ? el("p", { class: "hint", id: `${labelled.id}-hint` }, hint) : null;
  labelled.setAttribute("aria-describedby", [hint && `${labelled.id}-hint`, `${labelled.id}-error`].filter(Boolean).join(" "));
  return el("div", { class: "field" }, el("label", { for: labelled.id }, label), told, error, control);
}

function group(id, legend, box, hint) {
  return el(
    "fieldset",
    { class: "field" },
    el("legend", {}, legend),
    el("p", { class: "hint" }, hint),
    el("p", { class: "field-error", id: `${id}-facets-error`, hidden: true }),
    box
  );
}

function showWrong(box, sentence) {
  const said = box.querySelector(".field-error");
  if (!said) return;
  said.hidden = sentence === null;
  said.textContent = sentence || "";
  box.classList.toggle("wrong", sentence !== null);
  box.querySelectorAll("input, textarea, select").forEach((control) => {
    if (sentence === null) control.removeAttribute("aria-invalid");
    else control.setAttribute("aria-invalid", "true");
  });
}

function radios(id, chosen, onChange) {
  const one = (kind) => {
    const input = el("input", { type: "radio", name: `${id}-kind`, id: `${id}-kind-${kind}`, value: kind, change: () => onChange(kind) });
    input.checked = kind === chosen;
    return el("label", { class: "choice", for: input.id }, input, " ", say(`review_kind_${kind}`));
  };
  return el("fieldset", { class: "field" }, el("legend", {}, say("review_kind")), el("div", { class: "choices" }, one("item"), one("scope")));
}

function check(id, words, isOn) {
  const input = el("input", { type: "checkbox", id });
  input.checked = isOn;
  return { input, box: el("label", { class: "choice", for: id }, input, " ", words) };
}

function select(id, options, value) {
  const box = el("select", { id }, ...options.map(([name, words]) => el("option", { value: name }, words)));
  box.value = value;
  return box;
}

function facetPicker(id, choices, on) {
  const boxes = choices.facets.map(({ id: name, label }) => ({ name, ...check(`${id}-${name}`, label, on.indexOf(name) >= 0) }));
  return {
    box: el("div", { class: "choices" }, ...boxes.map(({ box }) => box)),
    chosen: () => boxes.filter(({ input }) => input.checked).map(({ name }) => name),
  };
}

/** A field whose suggestions are the items; what is chosen stands below it, in order, each with a way to take it out. */
function itemPicker(id, choices, chosen) {
  const byLabel = new Map(choices.items.map((item) => [item.label, item.id]));
  const ids = new Map(choices.items.map((item) => [item.id, item.label]));
  const names = el("datalist", { id: `${id}-names` }, ...choices.items.map((item) => el("option", { value: item.label })));
  const input = el("input", { type: "text", id: `${id}-items`, list: names.id, autocomplete: "off" });
  const list = el("ol", { class: "chosen" });

  function paint() {
    fill(
      list,
      ...chosen.map((item, place) =>
        el("li", {}, ids.get(item) || item, " ", button("×", () => {
          chosen.splice(place, 1);
          paint();
          input.focus();
        }, "quiet remove", { "aria-label": say("review_item_remove", { title: ids.get(item) || item }) }))
      )
    );
  }

  function take() {
    const typed = input.value.trim();
    const found = byLabel.get(typed) || (ids.has(typed) ? typed : null);
    if (found === null) return false;
    if (chosen.indexOf(found) < 0) chosen.push(found);
    input.value = "";
    paint();
    return true;
  }

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !input.value.trim()) return;
    event.preventDefault();
    take();
  });
  paint();
  return {
    input,
    box: el("div", {}, el("div", { class: "with-button" }, input, names, button(say("review_item_add"), () => take() && input.focus(), "secondary")), list),
    // What was typed and not added is meant as well; what is no item's name is for the service to refuse.
    chosen: () => {
      if (input.value.trim()) take();
      return input.value.trim() ? [...chosen, input.value.trim()] : chosen;
    },
  };
}
