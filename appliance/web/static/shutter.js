// Shows beside the live picture what to do, and presses the next button by itself when a sheet lies
// still and good. The house counts and names the sheets: it never takes one twice, whatever happens here.
"use strict";

(() => {
  const box = document.querySelector("[data-hint]");
  const words = document.getElementById("hint-words");
  if (!box || !words) return;

  const AGAIN_AFTER_MS = 1000;
  const visit = location.pathname.split("/").pop();
  const here = `hien:sheet:${visit}`;
  const byItself = box.dataset.byItself === "1";
  let shown = "";
  let fired = "";
  let counting = null;

  for (const one of document.querySelectorAll("[data-needs-scripts]")) one.hidden = false;

  const target = () => document.querySelector("#visit-status [data-shutter]");

  // A sheet that lay there when this screen was opened may be somebody else's: that needs a finger.
  function wasHereBefore(sheet) {
    const first = sessionStorage.getItem(here);
    if (first === null) sessionStorage.setItem(here, sheet || "-");
    return (first ?? (sheet || "-")) === sheet;
  }

  function show(code) {
    if (code === shown) return;
    shown = code;
    const found = words.content.querySelector(`[data-code="${CSS.escape(code)}"]`) || words.content.querySelector('[data-code="?"]');
    box.hidden = code === "";
    box.replaceChildren(...(code === "" ? [] : [document.importNode(found, true)]));
  }

  function count(leftMs) {
    const end = Date.now() + leftMs;
    const step = () => {
      const ring = box.querySelector(".count");
      if (ring) ring.style.setProperty("--left", Math.max(0, Math.min(1, (end - Date.now()) / 1000)).toFixed(2));
    };
    clearInterval(counting);
    counting = setInterval(step, 50);
    step();
  }

  async function fire(form, sheet) {
    if (fired === sheet || form.dataset.sent) return;
    fired = sheet;
    form.dataset.sent = "1";
    const fields = new FormData(form);
    fields.set("sheet", sheet);
    try {
      await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "application/json" } });
    } catch { /* the button is still there */ }
    setTimeout(() => { delete form.dataset.sent; }, AGAIN_AFTER_MS);
  }

  document.addEventListener("hien:hint", (event) => {
    const { sheet = "", left_ms: leftMs = 0, taken_in: takenIn = [] } = event.detail;
    const code = takenIn.includes(visit) ? "taken" : event.detail.code || "";
    if (!["", "busy", "moving"].includes(code)) wasHereBefore(sheet);
    const form = target();
    const armed = byItself && form && sheet && !wasHereBefore(sheet) && !document.hidden;
    if (armed && code === "steady") {
      show("counting");
      count(leftMs);
    } else if (armed && code === "ready") {
      fire(form, sheet);
    } else {
      clearInterval(counting);
      // Without a button to press there is nothing to be ready for.
      show(code === "steady" ? "ready" : code);
      if (!form && ["steady", "ready"].includes(code)) show("");
    }
  });
})();
