// The live picture: a few frames a second while somebody looks, none while the page is hidden.
"use strict";

(() => {
  const BETWEEN_MS = 140;
  const AFTER_LOSS_MS = 1000;

  const figure = document.querySelector("[data-preview]");
  if (!figure) return;
  const image = figure.querySelector("img");
  const lost = figure.querySelector("[data-preview-lost]");
  let shownAt = "";
  let shownUrl = "";
  let timer = null;
  let running = false;

  async function frame() {
    running = true;
    let wait = BETWEEN_MS;
    try {
      const answer = await fetch(`${figure.dataset.preview}?after=${shownAt}`, { cache: "no-store" });
      if (answer.ok && (answer.headers.get("Content-Type") || "").startsWith("image/")) {
        const url = URL.createObjectURL(await answer.blob());
        const old = shownUrl;
        image.src = url;
        shownUrl = url;
        await image.decode().catch(() => {});
        if (old) URL.revokeObjectURL(old);
        shownAt = answer.headers.get("X-Frame-At-Ms") || "";
        lost.hidden = true;
      } else if (answer.status === 304) {
        lost.hidden = true; // nothing has moved
      } else {
        lost.hidden = false;
        wait = AFTER_LOSS_MS;
      }
    } catch {
      lost.hidden = false;
      wait = AFTER_LOSS_MS;
    }
    running = false;
    plan(wait);
  }

  function plan(wait) {
    clearTimeout(timer);
    if (!document.hidden && !running) timer = setTimeout(frame, wait);
  }

  document.addEventListener("visibilitychange", () => plan(0));
  plan(0);
})();
