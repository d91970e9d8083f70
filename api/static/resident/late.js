// Parts that come when they are first wanted, so that the page stands at once on a slow link.
//
// By script tags, not by import(): browsers that know modules but not import() could not read any of the page.

const here = document.querySelector('script[src$="/resident/page.js"]').src.replace(/[^/]+$/, "");
const CARDS = ["entry", "answer", "checklist", "choices", "dom", "facts", "feedback", "sharing", "speech", "words"];
const waiting = {};
const found = {};

/** Hands over the part `name`; called by its own file. */
export function provide(name, part) {
  found[name] = part;
  (waiting[name] || []).forEach(({ resolve }) => resolve(part));
  delete waiting[name];
}

/** Returns what draws an entry, and what hushes the voice. */
export function cards() {
  return part("entry", CARDS);
}

/** Returns what draws a list of papers as a picture. */
export function picture() {
  return part("picture", ["picture"]);
}

/** Returns the part `name`, loaded with all files it is made of at once. Raises Error where they do not come. */
function part(name, files) {
  if (name in found) return Promise.resolve(found[name]);
  return new Promise((resolve, reject) => {
    const isFirst = !(name in waiting);
    waiting[name] = (waiting[name] || []).concat({ resolve, reject });
    if (isFirst) files.forEach((file) => load(file, () => fail(name)));
  });
}

function load(file, failed) {
  const script = document.createElement("script");
  script.type = "module";
  script.src = `${here}${file}.js`;
  script.onerror = failed;
  document.head.append(script);
}

function fail(name) {
  const hoping = waiting[name] || [];
  delete waiting[name];
  hoping.forEach(({ reject }) => reject(new Error(`${name} did not come`)));
}

// Whoever touches the page will ask something soon.
["pointerdown", "keydown", "touchstart"].forEach((name) => {
  addEventListener(name, () => cards().catch(() => null), { once: true, passive: true });
});
