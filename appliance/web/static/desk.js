// The desk's courtesies: what was folded open stays open, ten seconds are counted down, and a button
// pressed in the middle of a long page does not throw the volunteer back to its top. Without this
// script every button is a plain form and works the same.
"use strict";

(() => {
  // --- folds stay as they were when a part of the page is taken afresh ----------------------------

  const folds = new Map();
  document.addEventListener("toggle", (event) => {
    if (event.target.id) folds.set(event.target.id, event.target.open);
  }, true);

  function keepFolds() {
    for (const [id, open] of folds) {
      const fold = document.getElementById(id);
      if (fold instanceof HTMLDetailsElement && fold.open !== open) fold.open = open;
    }
  }

  // --- undo: how many seconds are left ------------------------------------------------------------

  let ends = 0;
  let counted = "";

  function countDown() {
    const box = document.querySelector("[data-undo]");
    if (!box) { counted = ""; return; }
    const action = box.querySelector("[name=action]").value;
    if (action !== counted) {
      counted = action;
      ends = Date.now() + 1000 * Number(box.dataset.leftS);
    }
    const left = Math.ceil((ends - Date.now()) / 1000);
    box.hidden = left <= 0;
    const words = box.querySelector("[data-left]");
    if (words && left > 0) words.textContent = `(${left})`;
  }

  // --- a word about what was just done is said once -----------------------------------------------

  if (document.querySelector("[data-said]")) history.replaceState(history.state, "", location.pathname);

  document.addEventListener("hien:fresh", () => { keepFolds(); countDown(); });
  setInterval(countDown, 500);
  countDown();

  // --- stay where you are after pressing a button in a long page ----------------------------------

  const PLACE = "hien:place";
  document.addEventListener("submit", () => {
    sessionStorage.setItem(PLACE, JSON.stringify([location.pathname, scrollY, [...folds].filter(([, open]) => open).map(([id]) => id)]));
  });
  const before = JSON.parse(sessionStorage.getItem(PLACE) || "null");
  sessionStorage.removeItem(PLACE);
  if (before && before[0] === location.pathname && !document.querySelector("[role=alert]")) {
    scrollTo(0, before[1]);
  }
})();
