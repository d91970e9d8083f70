// The chat in another site's page: a button, and a frame that opens from it. One script tag, nothing else:
// <script src="https://HOST/widget.js" defer data-title="…" data-side="left|right"></script>
//
// All of it stands in a shadow root, so that neither side's styles reach the other. No name is left in the page.
(function (words) {
  "use strict";

  const MARK = "data-guide-widget";
  const CSS = `
    :host { all: initial; }
    * { box-sizing: border-box; font-family: "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei",
      "Noto Sans CJK SC", "WenQuanYi Micro Hei", system-ui, sans-serif; }
    [hidden] { display: none !important; }
    button, a { display: inline-flex; align-items: center; justify-content: center; min-width: 44px; min-height: 44px;
      margin: 0; border: 0; font-size: 17px; font-weight: 600; line-height: 1.3; text-decoration: none;
      cursor: pointer; touch-action: manipulation; }
    button:focus, a:focus { outline: 3px solid #0b0c0c; outline-offset: 2px; box-shadow: 0 0 0 3px #ffd24d; }
    button:focus:not(:focus-visible), a:focus:not(:focus-visible) { outline: none; box-shadow: none; }
    .launcher { position: fixed; z-index: 2147483000; bottom: 20px; bottom: calc(20px + env(safe-area-inset-bottom, 0px));
      min-height: 56px; padding: 0 22px; border-radius: 28px; background: #0a5560; color: #fff;
      box-shadow: 0 2px 10px rgba(0, 0, 0, 0.35); border: 2px solid #fff; }
    .launcher:hover { background: #063c44; }
    .launcher svg { width: 24px; height: 24px; margin-right: 8px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linejoin: round; stroke-linecap: round; }
    .unread { width: 12px; height: 12px; margin-left: 8px; border-radius: 50%; background: #ffd24d; }
    .side-right { right: 20px; }
    .side-left { left: 20px; }
    .box { position: fixed; z-index: 2147483001; bottom: 20px; display: flex; flex-direction: column; width: 380px;
      height: 600px; max-width: calc(100vw - 40px); max-height: calc(100vh - 40px); overflow: hidden;
      border: 1px solid #667a7f; border-radius: 12px; background: #fff; box-shadow: 0 6px 30px rgba(0, 0, 0, 0.35);
      animation: rise 0.18s ease-out; }
    .head { display: flex; flex: none; align-items: center; padding-left: 16px; background: #0a5560; color: #fff; }
    .title { flex: 1 1 auto; min-width: 0; margin: 0; overflow: hidden; font-size: 17px; font-weight: 700;
      text-overflow: ellipsis; white-space: nowrap; }
    .head button, .head a { flex: none; background: transparent; color: #fff; }
    .head button:hover, .head a:hover { background: #063c44; }
    .head button:focus, .head a:focus { outline-color: #fff; outline-offset: -4px; box-shadow: inset 0 0 0 7px #0b0c0c; }
    .head button:focus:not(:focus-visible), .head a:focus:not(:focus-visible) { box-shadow: none; }
    .head svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
    iframe { flex: 1 1 0; width: 100%; min-height: 0; border: 0; background: #f3f7f7; }
    @keyframes rise { from { transform: translateY(16px); opacity: 0; } to { transform: none; opacity: 1; } }
    @media (max-width: 480px), (max-height: 420px) {
      .box { top: 0; right: 0; bottom: 0; left: 0; width: 100%; height: 100%; max-width: none; max-height: none;
        border: 0; border-radius: 0; }
    }
    @media (prefers-reduced-motion: reduce) { .box { animation: none; } }
    @media print { .launcher, .box { display: none; } }
  `;
  const SPEECH_BUBBLE = "M4 4h16v12H11l-5 4v-4H4zM8 8h8M8 12h5";
  const CROSS = "M5 5l14 14M19 5L5 19";
  const WINDOW = "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6";

  const script = document.currentScript;
  if (script === null || document.querySelector(`[${MARK}]`) !== null) return;
  const service = new URL(script.src).origin;
  const side = script.getAttribute("data-side") === "left" ? "left" : "right";
  const title = script.getAttribute("data-title") || words.widget_title;
  const covers = matchMedia("(max-width: 480px), (max-height: 420px)");

  const host = document.createElement("div");
  host.setAttribute(MARK, "");
  const root = host.attachShadow({ mode: "open" });
  dress();

  const unread = make("span", { class: "unread", role: "img", "aria-label": words.widget_unread, hidden: "" });
  const launcher = make(
    "button",
    { type: "button", class: `launcher side-${side}`, "aria-expanded": "false", "aria-haspopup": "dialog" },
    drawing(SPEECH_BUBBLE),
    words.widget_open,
    unread
  );
  const away = make(
    "a",
    { href: `${service}/`, target: "_blank", rel: "noopener", "aria-label": words.widget_window, title: words.widget_window },
    drawing(WINDOW)
  );
  const shut = make(
    "button",
    { type: "button", "aria-label": words.widget_close, title: words.widget_close },
    drawing(CROSS)
  );
  const before = make("div", { tabindex: "-1" });
  const after = make("div", { tabindex: "-1" });
  const head = make("div", { class: "head" }, make("h2", { class: "title", id: "title" }, title), away, shut);
  const box = make("div", { class: `box side-${side}`, role: "dialog", "aria-labelledby": "title", hidden: "" });
  let frame = null;
  let ready = false;
  let scrolling = "";

  box.append(before, head, after);
  root.append(launcher, box);
  launcher.addEventListener("click", open);
  shut.addEventListener("click", close);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  before.addEventListener("focus", () => frame.focus());
  after.addEventListener("focus", () => away.focus());
  listen(covers, fit);
  addEventListener("message", hear);
  if (document.body !== null) document.body.append(host);
  else addEventListener("DOMContentLoaded", () => document.body.append(host));

  function open() {
    if (frame === null) {
      // Only now: a page that nobody asks anything loads nothing of ours.
      const src = `${service}/embed?host=${encodeURIComponent(location.origin)}`;
      frame = make("iframe", { src, title: words.widget_frame, allow: "clipboard-write; web-share" });
      box.insertBefore(frame, after);
    }
    box.hidden = false;
    unread.hidden = true;
    launcher.hidden = true;
    launcher.setAttribute("aria-expanded", "true");
    fit();
    shut.focus();
    enter();
  }

  function close() {
    if (box.hidden) return;
    box.hidden = true;
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    fit();
    launcher.focus();
  }

  /** Where the chat covers the page, focus stays in it and the page behind does not scroll. */
  function fit() {
    const modal = covers.matches && !box.hidden;
    [before, after].forEach((edge) => edge.setAttribute("tabindex", modal ? "0" : "-1"));
    if (modal) box.setAttribute("aria-modal", "true");
    else box.removeAttribute("aria-modal");
    const page = document.documentElement;
    if (modal && page.style.overflow !== "hidden") {
      scrolling = page.style.overflow;
      page.style.overflow = "hidden";
    } else if (!modal && page.style.overflow === "hidden") {
      page.style.overflow = scrolling;
    }
  }

  function hear(event) {
    if (frame === null || event.source !== frame.contentWindow || event.origin !== service || !event.data) return;
    const { type } = event.data;
    if (type === "guide:close") close();
    else if (type === "guide:unread" && box.hidden) unread.hidden = false;
    else if (type === "guide:ready") {
      ready = true;
      if (!box.hidden) enter();
    }
  }

  /** Lets focus into the frame, once its page is there to take it. */
  function enter() {
    if (!ready) return;
    frame.focus();
    frame.contentWindow.postMessage({ type: "guide:opened" }, service);
  }

  function dress() {
    try {
      // A page with a strict policy of its own allows a sheet that is made, but no <style>.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch (error) {
      root.append(make("style", {}, CSS));
    }
  }

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    Object.keys(attributes).forEach((name) => element.setAttribute(name, attributes[name]));
    element.append(...children);
    return element;
  }

  function drawing(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  function listen(query, listener) {
    if (query.addEventListener) query.addEventListener("change", listener);
    else query.addListener(listener); // Chrome before 66 and Safari before 14
  }
})
