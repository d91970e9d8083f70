// Calls of the service: JSON in and out; what it refuses is a Refusal, what never arrived a NoNetwork.

export class Refusal extends Error {
  constructor(status, retryAfter) {
    super(`refused: ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class NoNetwork extends Error {}

const PATIENCE = 40000;

/** Returns the answer's JSON, null where it has none. Raises Refusal, or NoNetwork after 40 seconds at the latest. */
export async function call(method, path, { body = null, token = null } = {}) {
  const headers = {};
  if (body !== null) headers["Content-Type"] = "application/json";
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  const options = { method, headers, credentials: "omit", cache: "no-store" };
  if (body !== null) options.body = JSON.stringify(body);
  let response;
  let text;
  try {
    response = await within(PATIENCE, fetch(`/api/v1/${path}`, options));
    text = await within(PATIENCE, response.text());
  } catch (error) {
    throw new NoNetwork(String(error));
  }
  if (!response.ok) throw new Refusal(response.status, Number(response.headers.get("Retry-After")) || 0);
  return text === "" ? null : JSON.parse(text);
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), milliseconds);
  });
  const done = () => clearTimeout(timer);
  promise.then(done, done);
  return Promise.race([promise, late]);
}
