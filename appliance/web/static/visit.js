// The live picture and what to do under it: a few frames a second while somebody looks, none while the page is hidden.
"use strict";

(() => {
  const BETWEEN_MS = 140;
  const AFTER_LOSS_MS = 1000;
  const LOST_AFTER = 3; // looks, 2.5 s each: a real camera opens within two

  const figure = document.querySelector("[data-preview]");
  if (!figure) return;
  const image = figure.querySelector("img");
  const lost = figure.querySelector("[data-preview-lost]");
  const opening = figure.querySelector("[data-preview-opening]");
  let missed = 0; // looks in a row without a picture: a camera that is being opened gives none yet
  let shownAt = "";
  let shownUrl = "";
  let timer = null;
  let running = false;
  let hinted = "";

  function hint(answer) {
    let news;
    try { news = JSON.parse(answer.headers.get("X-Hint") || "{}"); } catch { return; }
    hinted = [news.code || "", news.sheet || "", ...(news.taken_in || [])].join(".");
    document.dispatchEvent(new CustomEvent("hien:hint", { detail: news }));
  }

  async function frame() {
    running = true;
    let wait = BETWEEN_MS;
    try {
      const answer = await fetch(`${figure.dataset.preview}?after=${shownAt}&hint=${encodeURIComponent(hinted)}`, { cache: "no-store" });
      hint(answer);
      if (answer.ok && (answer.headers.get("Content-Type") || "").startsWith("image/")) {
        const url = URL.createObjectURL(await answer.blob());
        const old = shownUrl;
        image.src = url;
        shownUrl = url;
        await image.decode().catch(() => {});
        if (old) URL.revokeObjectURL(old);
        shownAt = answer.headers.get("X-Frame-At-Ms") || "";
        missed = 0;
      } else if (answer.status === 304) {
        missed = 0; // nothing has moved
      } else {
        missed += 1;
        wait = AFTER_LOSS_MS;
      }
    } catch {
      missed = LOST_AFTER; // the house itself does not answer
      wait = AFTER_LOSS_MS;
    }
    lost.hidden = missed < LOST_AFTER;
    opening.hidden = missed === 0 || missed >= LOST_AFTER;
    running = false;
    plan(wait);
  }

  function plan(wait) {
    clearTimeout(timer);
    if (!document.hidden && !running) timer = setTimeout(frame, wait);
  }

  document.addEventListener("visibilitychange", () => plan(0));

  // No sheet was found in a photo asked for on this screen: the handles come by themselves.
  let working = false;
  document.addEventListener("hien:fresh", () => {
    const status = document.getElementById("visit-status");
    const corners = status?.querySelector("[data-corners]");
    if (working && corners) location.assign(corners.href);
    working = status?.classList.contains("working") || false;
  });
  working = document.getElementById("visit-status")?.classList.contains("working") || false;
  plan(0);
})();

// What was on this screen is not to be seen by going back: the browser's memory of it is blanked.
addEventListener("pagehide", () => { document.documentElement.classList.add("left"); });
addEventListener("pageshow", (event) => { if (!event.persisted) document.documentElement.classList.remove("left"); });
