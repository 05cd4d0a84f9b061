// This file keeps the page of all houses true: it asks every 2 s, and says so when nobody answers.
"use strict";

const EVERY_MS = 2000;
const STALE_MS = 6000;

const live = document.getElementById("live");
const staleBanner = document.getElementById("page-stale");
let lastGood = Date.now();
let etag = "";

const clock = new Intl.DateTimeFormat("vi", { timeZone: "Asia/Ho_Chi_Minh", timeStyle: "medium" });

function showCalls() {
  const n = live.querySelectorAll(".call.open").length;
  document.title = n ? `(${n}) Gọi giúp – Hiên` : "Hiên – các nhà";
}

function showStale() {
  const stale = Date.now() - lastGood > STALE_MS;
  document.body.classList.toggle("stale", stale);
  if (stale === staleBanner.hidden) {
    staleBanner.hidden = !stale;
    staleBanner.textContent = stale
      ? `Trang này mất liên lạc với máy chủ từ ${clock.format(lastGood)}. Những gì thấy bên dưới là lúc đó, nay không rõ.`
      : "";
  }
}

// A form in somebody's hands is not pulled away: it stays until he has left it.
function inUse(element) {
  if (element.contains(document.activeElement) && document.activeElement.matches("input, select")) return true;
  return [...element.querySelectorAll("input[name=who]")].some((i) => i.value !== i.defaultValue);
}

// The server has escaped everything; its parts replace ours only where they differ.
function take(html) {
  const next = new DOMParser().parseFromString(`<main id="live">${html}</main>`, "text/html").getElementById("live");
  const kept = new Map();
  for (const old of live.querySelectorAll("[data-key]")) kept.set(old.dataset.key, old);
  for (const fresh of next.querySelectorAll("[data-key]")) {
    const old = kept.get(fresh.dataset.key);
    if (!old) continue;
    const sameForm = old.querySelector("form") && fresh.querySelector("form") && inUse(old);
    if (sameForm) {
      const form = fresh.querySelector("form");
      form.replaceWith(old.querySelector("form"));
    }
    if (!old.isEqualNode(fresh) || sameForm) continue;
    fresh.replaceWith(old);
  }
  const active = document.activeElement;
  const from = active && "selectionStart" in active ? active.selectionStart : null;
  live.replaceChildren(...next.childNodes);
  if (active && live.contains(active) && active !== document.activeElement) {
    active.focus({ preventScroll: true });
    if (from !== null && active.type !== "search") active.setSelectionRange(from, from);
  }
}

async function ask() {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), STALE_MS);
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(`/live${location.search}`, { headers, signal: stop.signal, cache: "no-store" });
    if (answer.status === 401) {
      location.reload(); // the session is over: the server shows the way in
      return;
    }
    if (answer.status === 200) {
      take(await answer.text());
      showCalls();
      etag = answer.headers.get("ETag") || "";
    }
    if (answer.status === 200 || answer.status === 304) lastGood = Date.now();
  } catch (_) {
    // Nobody answered; showStale says so once it has lasted.
  } finally {
    clearTimeout(timer);
  }
  showStale();
  setTimeout(ask, EVERY_MS);
}

// With a script, choosing is enough; Enter looks for a name.
document.documentElement.classList.add("scripted");
for (const choice of document.querySelectorAll(".find select")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
showCalls();
setInterval(showStale, 1000);
setTimeout(ask, EVERY_MS);
