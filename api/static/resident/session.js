// The resident's session: made when first needed, kept in this browser, shared by its tabs, erased on demand.

import { call, Refusal } from "./calls.js";
import { drop, onKept, read, write } from "./kept.js";

const KEY = "session";
let making = null;

/** Returns {id, token} of the session of this browser; null while there is none. */
export function current() {
  return read(KEY);
}

/** Returns the session, made now where there is none yet; two who ask at once get the same one. */
export async function needed() {
  const known = current();
  if (known !== null) return known;
  if (making === null) {
    making = call("POST", "sessions").then(({ session_id, token }) => {
      // Another tab may have been quicker: one browser, one conversation.
      if (current() === null) write(KEY, { id: session_id, token });
      return current();
    });
  }
  try {
    return await making;
  } finally {
    making = null;
  }
}

/** Gives up a session that the service does not accept any more, unless another tab has done so already. */
export function forget(session) {
  const known = current();
  if (known !== null && known.token === session.token) drop(KEY);
}

/** Erases the conversation at the service and here. Raises Refusal or NoNetwork where the service did not. */
export async function erase() {
  const session = current();
  if (session === null) return;
  try {
    await call("DELETE", `sessions/${session.id}`, { token: session.token });
  } catch (error) {
    // A session that is not accepted any more has nothing left to erase.
    if (!(error instanceof Refusal && (error.status === 401 || error.status === 404))) throw error;
  }
  forget(session);
}

/** Calls `listener(session)` when another tab begins or ends one. */
export function onSession(listener) {
  onKept((key, value) => {
    if (key === KEY) listener(value);
  });
}
