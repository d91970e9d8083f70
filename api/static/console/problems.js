// What is said of a call that came to nothing.

import { say } from "../shared/wording.js";
import { Refusal } from "./calls.js";

export function problemSentence(error) {
  if (error instanceof Refusal && error.status === 429) return say("too_fast", { seconds: error.retryAfter || 1 });
  if (error instanceof Refusal && error.code === "store_away") return say("store_away");
  return say("not_done");
}
