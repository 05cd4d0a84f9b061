// This file looks again after a while, unless somebody is in the middle of something.
"use strict";

const AGAIN_MS = 1000 * Number(document.currentScript.dataset.seconds);

async function again() {
  const busy = document.activeElement && document.activeElement !== document.body;
  if (!busy && !document.hidden) {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.redirected || answer.status === 401) return location.reload();
      if (answer.ok) {
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.querySelector("main").replaceWith(next.querySelector("main"));
        if (!next.querySelector("script[data-seconds]")) return;
      }
    } catch (_) {
      // Nobody answered: what is shown stays, and is looked at again.
    }
  }
  setTimeout(again, AGAIN_MS);
}
setTimeout(again, AGAIN_MS);
