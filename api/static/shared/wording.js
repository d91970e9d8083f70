// The page's sentences, which the server put into <script id="wording">.

let sentences = null;

/** Returns the sentence `key` with `values` in its {braces}; an unknown key or value is an error at once. */
export function say(key, values = {}) {
  if (sentences === null) sentences = JSON.parse(document.getElementById("wording").textContent);
  if (!Object.prototype.hasOwnProperty.call(sentences, key)) throw new Error(`no sentence: ${key}`);
  return sentences[key].replace(/\{(\w+)\}/g, (_, name) => {
    if (!Object.prototype.hasOwnProperty.call(values, name)) throw new Error(`sentence ${key}: ${name} is missing`);
    return String(values[name]);
  });
}
