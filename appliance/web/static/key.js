// The key of a slip stands behind "#" in the address. It is looked at here and goes nowhere; it is
// taken out of the address bar, so that it is not left in this telephone's history.
"use strict";

(() => {
  const has = /^#AGE-SECRET-KEY-1[A-Z0-9]{58}$/i.test(location.hash);
  document.querySelector(has ? "[data-has-key]" : "[data-no-key]").hidden = false;
  if (location.hash) history.replaceState(history.state, "", location.pathname);
})();
