// Elder mode and dark theme: read, switched, kept in localStorage, told to whoever listens, in step between tabs.

import { say } from "./wording.js";

const root = document.documentElement;
const listeners = [];

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    // Storage may be full or forbidden: the mode then holds for this page only.
  }
}

export function isElder() {
  return root.getAttribute("data-mode") === "elder";
}

export function isDark() {
  const theme = root.getAttribute("data-theme");
  return theme === null ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
}

export function setElder(on) {
  applyElder(on);
  keep("mode", on ? "elder" : "standard");
}

export function setDark(on) {
  applyTheme(on ? "dark" : "light");
  keep("theme", on ? "dark" : "light");
}

/** Calls `listener()` after every change of mode or theme. */
export function onModeChange(listener) {
  listeners.push(listener);
}

function applyElder(on) {
  if (on) root.setAttribute("data-mode", "elder");
  else root.removeAttribute("data-mode");
  listeners.forEach((listener) => listener());
}

function applyTheme(theme) {
  if (theme === "dark" || theme === "light") root.setAttribute("data-theme", theme);
  else root.removeAttribute("data-theme");
  listeners.forEach((listener) => listener());
}

/** Makes the buttons [data-toggle] of `group` switch and say what they would switch to. */
export function wireModes(group) {
  const elder = group.querySelector("[data-toggle=elder]");
  const dark = group.querySelector("[data-toggle=dark]");
  const label = () => {
    if (elder) elder.textContent = say(isElder() ? "elder_off" : "elder_on");
    if (dark) dark.textContent = say(isDark() ? "dark_off" : "dark_on");
  };
  if (elder) elder.addEventListener("click", () => setElder(!isElder()));
  if (dark) dark.addEventListener("click", () => setDark(!isDark()));
  onModeChange(label);
  label();
  group.hidden = false;
}

addEventListener("storage", (event) => {
  if (event.key === "mode") applyElder(event.newValue === "elder");
  if (event.key === "theme") applyTheme(event.newValue);
});
document.querySelectorAll("[data-modes]").forEach(wireModes);
