// The office's own notes on the item that is shown: read, written, changed, deleted; one that is being written is kept.

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";
import { moveFocus } from "../shared/dialog.js";
import { Problem, call } from "./calls.js";
import { button, moment } from "./dom.js";
import { draftOf, keepDraft } from "./kept.js";
import { tell } from "./telling.js";

const LONGEST = JSON.parse(document.getElementById("limits").textContent).note;
const NEAR_THE_END = 100;

/** Shows and edits the notes on `sheet` in `pane`. Returns {show(), write(facet), load()}. */
export function notesOn(pane, sheet) {
  const whole = pane.querySelector("[data-notes-whole]");
  let notes = [];
  let changes = 0;

  async function load() {
    let before;
    let loaded;
    do {
      before = changes;
      loaded = (await call("GET", `/api/v1/staff/items/${sheet.id}/notes`)).notes;
      // What was saved or deleted while this was on its way may not be in it.
    } while (changes !== before);
    notes = loaded;
    if (!pane.contains(whole)) return;
    show();
    const draft = draftOf(sheet.id);
    // Whoever has begun to write goes on: what is kept then is what is being written.
    if (draft && draft.text && !whole.querySelector("form")) {
      const note = notes.find((one) => one.id === draft.note) || null;
      edit(note, draft.facet, draft.text);
      tell(say("note_kept"));
    }
  }

  /** Puts the notes where they belong: those on a facet under it. */
  function show() {
    pane.querySelectorAll("[data-notes]").forEach((place) => {
      fill(place, ...notes.filter((note) => note.facet === place.getAttribute("data-notes")).map(noteOf));
    });
    if (whole.querySelector("form")) return;
    const general = notes.filter((note) => note.facet === null);
    fill(
      whole,
      el(
        "div",
        { class: "part-head" },
        el("h3", { id: "notes-title", tabindex: "-1" }, say("notes_title")),
        el("span", { class: "small muted part-source" }, say("notes_ours")),
        button(say("write_note"), () => write(null), "quiet small part-copy")
      ),
      general.map(noteOf),
      el("div", { "data-editor": true })
    );
  }

  function noteOf(note) {
    const written = { author: note.author, date: moment(note.written) };
    const who = note.changed
      ? say("note_changed", { ...written, changed: moment(note.changed) })
      : say("note_by", written);
    const acts = el("span", { class: "note-acts" });
    const shown = el(
      "div",
      { class: "office-note", "data-note": note.id },
      el("p", { class: "note-text" }, note.text),
      el("p", { class: "note-by small" }, el("span", { class: "tag" }, say("notes_title")), " ", who, " ", acts)
    );
    offerActs(acts, note);
    return shown;
  }

  function offerActs(acts, note) {
    fill(
      acts,
      note.may_change &&
        button(say("note_edit"), () => edit(note, note.facet, note.text), "quiet small", { "aria-label": say("note_edit_of", { author: note.author }) }),
      note.may_delete &&
        button(say("note_delete"), () => askToDelete(acts, note), "quiet small", { "aria-label": say("note_delete_of", { author: note.author }), "data-delete": true })
    );
  }

  function askToDelete(acts, note) {
    const yes = button(say("note_delete_yes"), () => remove(note), "danger small");
    fill(
      acts,
      el("span", {}, say("note_delete_sure")),
      " ",
      yes,
      button(say("note_delete_no"), () => {
        offerActs(acts, note);
        acts.querySelector("[data-delete]").focus();
      }, "quiet small")
    );
    yes.focus();
  }

  async function remove(note) {
    await trying(async () => {
      await call("DELETE", `/api/v1/staff/notes/${note.id}`).catch((error) => {
        // Somebody else was quicker: it is gone, as was wanted.
        if (error.code !== "no_such_note") throw error;
      });
      changes += 1;
      notes = notes.filter((other) => other.id !== note.id);
      show();
      moveFocus(document.getElementById("notes-title"));
      tell(say("note_deleted"));
    });
  }

  async function trying(act) {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tell(error.sentence);
    }
  }

  // ------------------------------------------------------------ writing

  function write(facet) {
    const area = whole.querySelector("textarea");
    if (area) return area.focus();
    const draft = draftOf(sheet.id);
    const begun = draft && !draft.note ? draft : { facet, text: "" };
    edit(null, begun.facet, begun.text);
  }

  function edit(note, facet, text) {
    const place = whole.querySelector("[data-editor]");
    const select = el(
      "select",
      { id: "note-facet", name: "facet" },
      el("option", { value: "" }, say("note_whole")),
      ...sheet.parts.map((part) => el("option", { value: part.facet }, part.name))
    );
    const area = el("textarea", { id: "note-text", rows: "3", maxlength: String(LONGEST), "aria-describedby": "note-hint note-problem" });
    const left = el("span", { class: "small muted", role: "status" });
    const problem = el("p", { class: "field-error", id: "note-problem", role: "alert" });
    select.value = facet || "";
    area.value = text;
    const keep = () => {
      keepDraft(sheet.id, { note: note ? note.id : null, facet: select.value || null, text: area.value });
      left.textContent = LONGEST - area.value.length <= NEAR_THE_END ? say("note_left", { left: LONGEST - area.value.length }) : "";
    };
    const form = el(
      "form",
      { class: "note-form", novalidate: true, input: keep,
        keydown: (event) => {
          if (event.key === "Escape" && !event.isComposing) {
            event.stopPropagation();
            close();
          } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            save();
          }
        },
        submit: (event) => {
          event.preventDefault();
          save();
        } },
      el("div", { class: "note-form-row" }, el("label", { for: "note-text" }, say("note_text")),
        el("span", { class: "note-where" }, el("label", { for: "note-facet" }, say("note_facet")), select)),
      el("p", { class: "hint", id: "note-hint" }, say("note_hint")),
      problem,
      area,
      el("div", { class: "row" }, el("button", { type: "submit", class: "small" }, say("note_save")),
        button(say("note_cancel"), close, "secondary small"), left)
    );
    fill(place, form);
    area.focus();
    let busy = false;

    async function save() {
      if (busy) return;
      if (!area.value.trim()) {
        fill(problem, say("note_empty"));
        area.focus();
        return;
      }
      busy = true;
      const body = { text: area.value, facet: select.value || null };
      try {
        const saved = note
          ? await call("PUT", `/api/v1/staff/notes/${note.id}`, { body })
          : await call("POST", `/api/v1/staff/items/${sheet.id}/notes`, { body });
        changes += 1;
        const known = notes.some((other) => other.id === saved.id);
        notes = known ? notes.map((other) => (other.id === saved.id ? saved : other)) : [...notes, saved];
        close();
        tell(say("note_saved"));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.code === "no_such_note") note = null;
        fill(problem, error.sentence);
        area.focus();
      } finally {
        busy = false;
      }
    }

    function close() {
      keepDraft(sheet.id, null);
      form.remove();
      show();
      moveFocus(document.getElementById("notes-title"));
    }
  }

  show();
  return { load, show, write };
}
