// The shared tablet goes back to the start page when a person has left, so that nobody finds the
// screen of somebody before. It asks first, and any touch stays. A telephone is its owner's: left alone.
"use strict";

(() => {
  const ASK_AFTER_MS = 60000;
  const LEAVE_AFTER_MS = 30000;
  const shared = Math.min(screen.width, screen.height) >= 600;
  const words = document.querySelector("[data-idle-home]")?.dataset;
  // On the start page there is nothing to lose: letters and language just go back to usual.
  const changed = document.querySelector("[data-idle-fresh]");

  if (!shared || !(words || changed)) return;

  let asking = null;
  let timer = null;

  function wait() {
    clearTimeout(timer);
    if (asking) timer = setTimeout(leave, LEAVE_AFTER_MS);
    else timer = setTimeout(words ? ask : leave, ASK_AFTER_MS);
  }

  function leave() { location.replace("/set/fresh"); }

  function stay() {
    if (!asking) { wait(); return; }
    asking.close();
    asking.remove();
    asking = null;
    wait();
  }

  function ask() {
    asking = document.createElement("dialog");
    asking.className = "idle";
    const text = document.createElement("p");
    text.className = "key";
    text.textContent = words.idleHome;
    const button = document.createElement("button");
    button.className = "button primary";
    button.type = "button";
    button.textContent = words.idleStay;
    button.addEventListener("click", stay);
    asking.append(text, button);
    asking.addEventListener("cancel", stay);
    document.body.append(asking);
    asking.showModal();
    wait();
  }

  for (const name of ["pointerdown", "keydown", "input", "compositionupdate", "scroll", "touchmove"]) {
    addEventListener(name, () => { if (!asking) wait(); }, { passive: true, capture: true });
  }
  wait();
})();
