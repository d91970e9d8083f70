// Reads an answer aloud with the browser's own voice, where it has one.

import { button, icon } from "./dom.js";
import { fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";

let reading = null;

/** Returns the button that reads `text()` aloud and stops it; null where the browser cannot. */
export function speakButton(text) {
  if (!("speechSynthesis" in window)) return null;
  const toggle = button(say("read_aloud"), () => (reading === toggle ? hush() : speak(toggle, text())), {
    drawing: "speak",
    "data-speak": true,
  });
  return toggle;
}

/** Stops whatever is read. */
export function hush() {
  if (!("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  if (reading !== null) fill(reading, icon("speak"), say("read_aloud"));
  reading = null;
}

function speak(toggle, text) {
  hush();
  // Long texts fall silent halfway in some browsers; sentences do not.
  const parts = text.match(/[^。！？；\n]+[。！？；\n]?/g) || [];
  parts.forEach((part, index) => {
    const utterance = new SpeechSynthesisUtterance(part);
    utterance.lang = "zh-CN";
    utterance.rate = 0.9;
    if (index === parts.length - 1) utterance.onend = () => reading === toggle && hush();
    speechSynthesis.speak(utterance);
  });
  reading = toggle;
  fill(toggle, icon("stop"), say("stop_reading"));
}

addEventListener("pagehide", hush);
