// The live picture and what to do under it: a few frames a second while somebody looks, none while the page is hidden.
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
