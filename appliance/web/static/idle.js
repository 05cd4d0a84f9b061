// The shared tablet goes back to the start page when a person has left, so that nobody finds the
// screen of somebody before. It asks first, and any touch stays; whoever types, letter by letter or
// composing one (Telex, VNI, a soft keyboard), is never interrupted. A telephone is its owner's: left
// alone. A visit left open is laid aside, not lost: its slip opens it again.
"use strict";

(() => {
  const ASK_AFTER_MS = 60000;
  const ASK_IN_FORMS_AFTER_MS = 180000;
  const ASK_AT_VISIT_AFTER_MS = 300000;
  const LEAVE_AFTER_MS = 30000;
  const shared = Math.min(screen.width, screen.height) >= 600;
  const words = document.querySelector("[data-idle-home]")?.dataset;

  if (!shared) return;

  let asking = null;
  let timer = null;
  let counting = null;

  function patience() {
    if (words?.idlePark) return ASK_AT_VISIT_AFTER_MS;
    const form = document.querySelector("main input:not([type=hidden], [type=checkbox]), main textarea, main select");
    return form ? ASK_IN_FORMS_AFTER_MS : ASK_AFTER_MS;
  }

  function wait() {
    clearTimeout(timer);
    if (asking) timer = setTimeout(leave, LEAVE_AFTER_MS);
    else timer = setTimeout(words ? ask : leaveStart, patience());
  }

  // Nothing to lose on the start page: letters, language and history just go back to usual.
  function leaveStart() {
    if (hienPerson.isUsed() || document.querySelector("[data-idle-fresh]")) leave();
  }

  function leave() {
    if (words?.idlePark) {
      const form = document.createElement("form");
      form.method = "post";
      form.action = words.idlePark;
      document.body.append(form);
      form.submit();
      return;
    }
    hienPerson.forget();
    location.replace("/set/fresh");
  }

  function stay() {
    if (asking) {
      clearInterval(counting);
      asking.close();
      asking.remove();
      asking = null;
    }
    wait();
  }

  function ask() {
    asking = document.createElement("dialog");
    asking.className = "idle";
    const text = document.createElement("p");
    text.className = "key";
    text.textContent = words.idleHome;
    const left = document.createElement("p");
    left.className = "left";
    left.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    button.className = "button primary";
    button.type = "button";
    button.textContent = words.idleStay;
    button.addEventListener("click", stay);
    asking.append(text, left, button);
    asking.addEventListener("cancel", stay);
    document.body.append(asking);
    asking.showModal();
    let seconds = LEAVE_AFTER_MS / 1000;
    left.textContent = seconds;
    counting = setInterval(() => { left.textContent = Math.max(0, --seconds); }, 1000);
    wait();
  }

  for (const name of ["pointerdown", "scroll", "touchmove"]) {
    addEventListener(name, () => { if (!asking) wait(); }, { passive: true, capture: true });
  }
  // Typing says that somebody is there, also while the question is on the screen.
  for (const name of ["keydown", "input", "compositionstart", "compositionupdate", "compositionend"]) {
    addEventListener(name, (event) => { if (!(event.key === "Enter" && asking)) stay(); }, { passive: true, capture: true });
  }
  wait();
})();
