// Puts the kept mode (elder) and theme (dark, light) on <html> before the first paint. A classic script on purpose:
// modules run later, and the page would flash.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("scripted");
  try {
    var mode = localStorage.getItem("mode");
    var theme = localStorage.getItem("theme");
    if (mode === "elder") root.setAttribute("data-mode", mode);
    if (theme === "dark" || theme === "light") root.setAttribute("data-theme", theme);
  } catch (error) {
    // Storage may be forbidden: the page then starts in its plain form.
  }
})();
