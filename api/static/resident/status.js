// The line above the composer that says what the matter is: no network, too fast, copied. Read out politely.

const line = document.getElementById("status");
const WHILE = 6000;
let standing = "";
let timer = null;

/** Says something for a few seconds, or for as many as it is true. */
export function tell(text, seconds = 0) {
  clearTimeout(timer);
  show(text);
  timer = setTimeout(() => show(standing), Math.max(WHILE, seconds * 1000));
}

/** Says something until it is another or "". */
export function keepTelling(text) {
  if (text === standing) return;
  standing = text;
  clearTimeout(timer);
  show(standing);
}

function show(text) {
  line.textContent = text;
  line.hidden = text === "";
}
