// Keeps a page up to date. Every element with an id and `data-live` is taken afresh from this page's
// own address when the house says that something has changed. Nothing is built from data here: the
// server's page is the only template, so a page without this script shows the same, only later.
"use strict";

(() => {
  const LOST_MS = 12000;
  const POLL_MS = 3000;
  const RETRY_STREAM_MS = 15000;
  const BETWEEN_MS = 150;

  let version = null;
  let heardAt = Date.now();
  let lost = false;
  let fetching = false;
  let again = false;
  let polling = null;

  // The house's time, wherever this screen thinks it is.
  const clock = new Intl.DateTimeFormat("vi-VN", { timeZone: document.documentElement.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const live = () => document.querySelectorAll("[data-live][id]");

  // --- lost and found ---------------------------------------------------------------------------

  function showLost(now) {
    lost = now;
    document.documentElement.classList.toggle("lost", now);
    for (const box of document.querySelectorAll("[data-lost]")) {
      if (now) {
        const words = box.querySelector("[data-lost-at]");
        if (words) words.textContent = clock.format(new Date(heardAt));
      }
      box.hidden = !now;
    }
  }

  function heard() {
    heardAt = Date.now();
    if (lost) showLost(false);
  }

  setInterval(() => {
    if (!lost && Date.now() - heardAt > LOST_MS) showLost(true);
  }, 1000);

  // --- taking the page afresh -------------------------------------------------------------------

  function isBusyWith(element) {
    const active = document.activeElement;
    return active && element.contains(active) && active.matches("input:not([type=hidden]), textarea, select");
  }

  function swap(fresh) {
    for (const old of live()) {
      const next = fresh.getElementById(old.id);
      if (!next || old.outerHTML === next.outerHTML || isBusyWith(old)) continue;
      const active = document.activeElement;
      const focusId = active && old.contains(active) ? active.id : "";
      old.replaceWith(document.adoptNode(next));
      if (focusId) document.getElementById(focusId)?.focus();
    }
    if (lost) showLost(true);
    document.dispatchEvent(new CustomEvent("hien:fresh"));
  }

  async function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html", "X-Drawn-Anew": "1" }, cache: "no-store" });
      const type = answer.headers.get("Content-Type") || "";
      // Somewhere else now (signed out, gone): follow as a person would.
      if (answer.redirected) { location.replace(answer.url); return; }
      if (answer.ok && type.startsWith("text/html")) {
        swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
    } catch { /* the next message tries again */ } finally {
      setTimeout(() => { fetching = false; if (again) { again = false; refresh(); } }, BETWEEN_MS);
    }
  }

  function take(state) {
    heard();
    const first = version === null;
    if (state.version === version) return;
    version = state.version;
    document.dispatchEvent(new CustomEvent("hien:state", { detail: { state, first } }));
    if (live().length) refresh();
  }

  // --- hearing of changes: a stream, or asking every few seconds where there is none -------------

  async function poll() {
    try {
      const answer = await fetch("/live.json", { cache: "no-cache" });
      if (answer.ok) take(await answer.json());
    } catch { /* lost is shown by the clock above */ }
  }

  function startPolling() {
    if (polling) return;
    poll();
    polling = setInterval(poll, POLL_MS);
    setTimeout(listen, RETRY_STREAM_MS);
  }

  function stopPolling() {
    clearInterval(polling);
    polling = null;
  }

  function listen() {
    const stream = new EventSource("/live");
    stream.addEventListener("state", (event) => { stopPolling(); take(JSON.parse(event.data)); });
    stream.addEventListener("beat", heard);
    stream.onerror = () => {
      // CLOSED: refused (too many streams); the browser does not try again by itself.
      if (stream.readyState === EventSource.CLOSED) {
        if (polling) setTimeout(listen, RETRY_STREAM_MS); else startPolling();
      }
    };
  }

  // --- small courtesies ---------------------------------------------------------------------------

  // A second tap on the same form is not sent; the first one shows that it was felt.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => { delete form.dataset.sent; event.submitter?.removeAttribute("aria-busy"); }, 8000);
  });

  // The way home leaves nothing of this person behind the back button.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-replace]");
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); location.replace(link.href); }
  });

  // A page taken out of the browser's memory is an old page with an old key.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  if (live().length) listen();
})();
