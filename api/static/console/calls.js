// The console's calls: JSON in and out with the session's CSRF value; what is refused is a Refusal with its code.

export class Refusal extends Error {
  constructor(status, { code = "", detail = "" }, retryAfter) {
    super(`refused: ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

export class NoNetwork extends Error {}

const PATIENCE = 20000;
let over = () => {};
const me = JSON.parse(document.getElementById("me").textContent);

export const NAME = me.name;

/** Calls `listener()` when the session has turned out to be over. */
export function whenOver(listener) {
  over = listener;
}

/** Returns the answer's JSON, null where it has none. Raises Refusal, or NoNetwork after 20 seconds at the latest. */
export async function call(method, path, body = null) {
  try {
    return await send(method, `console/${path}`, body);
  } catch (error) {
    // Somebody logged in anew in another tab: the page is as good as before with the new session's value.
    if (!(error instanceof Refusal) || error.code !== "csrf") throw error;
    me.csrf = (await send("GET", "staff/me")).csrf;
    return send(method, `console/${path}`, body);
  }
}

export async function logOut() {
  await send("POST", "staff/logout");
}

async function send(method, path, body = null) {
  const headers = { "X-CSRF-Token": me.csrf };
  if (body !== null) headers["Content-Type"] = "application/json";
  const options = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== null) options.body = JSON.stringify(body);
  let response;
  let text;
  try {
    response = await within(fetch(`/api/v1/${path}`, options));
    text = await within(response.text());
  } catch (error) {
    throw new NoNetwork(String(error));
  }
  if (response.status === 401) over();
  if (!response.ok) throw new Refusal(response.status, parsed(text), Number(response.headers.get("Retry-After")) || 0);
  return text === "" ? null : JSON.parse(text);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return {};
  }
}

function within(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), PATIENCE);
  });
  const done = () => clearTimeout(timer);
  promise.then(done, done);
  return Promise.race([promise, late]);
}
