// Calls of the office's pages: who is logged in, the value that goes with every change, and what a refusal is called.

import { say } from "../shared/wording.js";

const LONGEST_WAIT = 60;
const told = document.getElementById("me");

/** Who is logged in: {name, role, csrf}; null on the page where one logs in. */
export const me = told === null ? null : JSON.parse(told.textContent);

const SENTENCES = [
  "wrong_login", "wrong_password", "foreign_page", "too_many_pins", "too_many_notes", "password_too_short",
  "password_too_long", "password_too_common", "password_is_name",
];
const OTHERS = {
  store_away: "problem_store_away",
  role_needed: "problem_role_needed",
  no_such_item: "problem_no_such_item",
  no_such_note: "note_gone",
  not_yours: "note_not_yours",
};

/** A call that was refused, or never came through: status 0. */
export class Problem extends Error {
  constructor(status, code, wait) {
    super(code || String(status));
    this.status = status;
    this.code = code;
    this.wait = Math.min(wait || 0, 3600);
  }

  /** What is told of it to whoever called. */
  get sentence() {
    if (this.status === 0) return say("problem_offline");
    if (this.code === "too_many_tries") return say("too_many_tries", { minutes: Math.max(1, Math.ceil(this.wait / 60)) });
    if (this.status === 429) return say("problem_too_many", { seconds: Math.max(1, Math.min(this.wait, LONGEST_WAIT)) });
    if (SENTENCES.indexOf(this.code) >= 0) return say(this.code);
    return say(OTHERS[this.code] || "problem_other");
  }
}

/** Leads to the form to log in, and from there back to where one is. */
export function toLogin(why) {
  try {
    if (why) sessionStorage.setItem("staff.told", why);
  } catch (error) {
    // Storage may be forbidden: the form then says nothing.
  }
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}${location.hash}`);
}

/** Makes a call and returns what it answers. Throws Problem; of a session that is over, the form to log in takes over. */
export async function call(method, path, { body, signal, isLogin = false } = {}) {
  let response = await send(method, path, body, signal);
  let answer = await read(response);
  if (response.status === 403 && answer && answer.code === "csrf" && (await renew())) {
    response = await send(method, path, body, signal);
    answer = await read(response);
  }
  if (response.status === 401 && !isLogin) {
    toLogin("login_ended");
    return new Promise(() => {});
  }
  if (!response.ok) {
    throw new Problem(response.status, answer && answer.code, Number(response.headers.get("Retry-After")));
  }
  return answer;
}

async function send(method, path, body, signal) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && me) headers["X-CSRF-Token"] = me.csrf;
  try {
    return await fetch(path, { method, headers, body: body && JSON.stringify(body), signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, null, 0);
  }
}

async function read(response) {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    return null;
  }
}

/** Takes up the session that another tab of this browser has begun since. */
async function renew() {
  const response = await send("GET", "/api/v1/staff/me");
  const now = response.ok ? await read(response) : null;
  if (now === null || now.name !== me.name) {
    toLogin("login_ended");
    return false;
  }
  me.csrf = now.csrf;
  return true;
}

/** Lets the button in the head of the page log out. */
export function wireLogOut() {
  const button = document.querySelector("[data-log-out]");
  button.addEventListener("click", async () => {
    await call("POST", "/api/v1/staff/logout").catch(() => {});
    try {
      sessionStorage.clear();
    } catch (error) {
      // Storage may be forbidden: then there is nothing in it.
    }
    toLogin("login_out");
  });
}
