// Statistics: the charts follow the theme that the person chose on this site, not only the system's.

import { isDark, onModeChange } from "../shared/modes.js";
import { wireLogOut } from "../staff/calls.js";

const NARROW = "(max-width: 40em)";
const charts = Array.from(document.querySelectorAll("[data-chart]"));

function follow() {
  charts.forEach((picture) => {
    const wanted = picture.getAttribute("data-chart") + (isDark() ? "dark" : "light");
    const image = picture.querySelector("img");
    if (image.getAttribute("src") === wanted && picture.children.length === 2) return;
    const narrow = document.createElement("source");
    narrow.media = NARROW;
    narrow.srcset = `${wanted}&size=narrow`;
    picture.querySelectorAll("source").forEach((source) => source.remove());
    picture.prepend(narrow);
    image.setAttribute("src", wanted);
  });
}

if (document.documentElement.hasAttribute("data-theme")) follow();
onModeChange(follow);
wireLogOut();
