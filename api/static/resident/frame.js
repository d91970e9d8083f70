// The chat inside another page's frame: keys and unread answers told to the page around, which is checked by origin.

const host = new URLSearchParams(location.search).get("host");

/** Tells whether this page stands in a frame of a page that it may talk to. */
export const isFramed = window.parent !== window && host !== null && /^https?:\/\/[^/]+$/.test(host);

export function tellHost(type) {
  if (isFramed) window.parent.postMessage({ type: `guide:${type}` }, host);
}

/** Calls `opened()` when the page around has opened the frame. */
export function onOpened(opened) {
  addEventListener("message", (event) => {
    const isHost = event.source === window.parent && event.origin === host;
    if (isFramed && isHost && event.data && event.data.type === "guide:opened") opened();
  });
}
