// Handing something on: by the phone's own share sheet, else as a link to copy. Never with personal data in it.

import { spans } from "./facts.js";
import { tell } from "./status.js";
import { say } from "../shared/wording.js";

const about = document.querySelector("[data-edition]");

/** Returns the address of the page with just these papers of an item, as of this edition. */
export function listAddress(item, facts) {
  const edition = encodeURIComponent(about.getAttribute("data-edition"));
  return `/items/${item.id}/list?lines=${spans(facts, "-", ",")}&edition=${edition}`;
}

/** Hands on the page at `path`. */
export async function share(title, path) {
  const url = new URL(path, location.origin).href;
  if (navigator.share) {
    try {
      await navigator.share({ title, url });
      return;
    } catch (error) {
      if (error.name === "AbortError") return; // the resident thought better of it
    }
  }
  tell(say((await copy(url)) ? "link_copied" : "link_to_copy", { url }));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    return copyTheOldWay(text); // old browsers, and pages that do not come by https
  }
}

function copyTheOldWay(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch (error) {
    done = false;
  }
  field.remove();
  if (before) before.focus();
  return done;
}
