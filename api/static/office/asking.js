// Calls of the office's pages, and what a refusal is called there; what was wrong with which field comes with it.

import { say } from "../shared/wording.js";
import { me, toLogin } from "../staff/calls.js";

/** A refused call: `code` in one word, `errors` as the service gave them; status 0 where it never came through. */
export class Refused extends Error {
  constructor(status, answer) {
    super((answer && answer.code) || String(status));
    this.status = status;
    this.code = (answer && answer.code) || "";
    this.errors = (answer && answer.errors) || [];
  }

  /** What is told of it; `area` ("review", "guide" …) has sentences of its own for what happens there. */
  sentence(area) {
    if (this.status === 0) return say("office_problem_offline");
    if (this.status === 429) return say("office_problem_too_many");
    for (const key of [`${area}_problem_${this.code}`, `office_problem_${this.code}`]) {
      const found = known(key);
      if (found !== null) return found;
    }
    return say("office_problem_other");
  }
}

/** Returns the sentence `key`, null where there is none. */
export function known(key, values) {
  try {
    return say(key, values);
  } catch (error) {
    return null;
  }
}

/** Makes a call; `body` goes as JSON, `raw` as it is, of `kind`. Throws Refused; a session that is over leads to login. */
export async function ask(method, path, { body, raw, kind } = {}) {
  let [response, answer] = await send(method, path, body, raw, kind);
  if (response.status === 403 && answer && answer.code === "csrf" && (await renew())) {
    [response, answer] = await send(method, path, body, raw, kind);
  }
  if (response.status === 401) {
    toLogin("login_ended");
    return new Promise(() => {});
  }
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

async function send(method, path, body, raw, kind) {
  const headers = {};
  if (method !== "GET") headers["X-CSRF-Token"] = me.csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (raw !== undefined) headers["Content-Type"] = kind;
  try {
    const content = raw === undefined ? body && JSON.stringify(body) : raw;
    const response = await fetch(path, { method, headers, body: content, credentials: "same-origin" });
    return [response, await read(response)];
  } catch (error) {
    throw new Refused(0, null);
  }
}

async function read(response) {
  try {
    return await response.json();
  } catch (error) {
    return null;
  }
}

/** Takes up the session that another tab of this browser has begun since. */
async function renew() {
  const [response, now] = await send("GET", "/api/v1/staff/me");
  if (!response.ok || now.name !== me.name) return false;
  me.csrf = now.csrf;
  return true;
}
