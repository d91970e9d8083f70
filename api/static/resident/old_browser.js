// For browsers without modules: says so, and leaves the lists of items, which need no script.
(function () {
  "use strict";
  var root = document.documentElement;
  root.className = root.className.replace("scripted", "");
  document.getElementById("old-browser").hidden = false;
})();
