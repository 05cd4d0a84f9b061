// Read from a page as it is drawn at 200 %: what is cut off, what lies over something else, and what
// the keyboard must reach (kept in window.hienStops, for stop.js to ask where the focus is).
(() => {
  const wide = document.documentElement.clientWidth;
  const named = (e) => `${e.tagName.toLowerCase()}.${e.className} ${(e.textContent || e.name || "").trim().slice(0, 40)}`;
  const aside = ".skip, .only-spoken, .unseen, noscript, script, [aria-hidden=true], .scroll-x, canvas, svg";
  const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !e.closest(aside);

  // Text in a box that neither shows nor scrolls it.
  const cut = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (!seen(e) || !e.textContent.trim() || e.matches("input, textarea, select")) continue;
    const style = getComputedStyle(e);
    const hides = (v) => v === "hidden" || v === "clip";
    if (hides(style.overflowX) && e.scrollWidth > e.clientWidth + 1) cut.push(["across", named(e)]);
    if (hides(style.overflowY) && e.scrollHeight > e.clientHeight + 1) cut.push(["down", named(e)]);
  }

  // Each line of text where it stands on the sheet.
  const lines = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !seen(e)) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    for (const r of range.getClientRects()) {
      if (r.width < 2 || r.height < 2) continue;
      // The letters, without the air of the line above and below them.
      const air = r.height * 0.2;
      lines.push({ e, l: r.left, r: r.right, t: r.top + air, b: r.bottom - air });
      if (r.right > wide + 1 || r.left < -1) cut.push(["off the sheet", named(e)]);
    }
  }
  const over = [];
  const covers = (a, b) => Math.min(a.r, b.r) - Math.max(a.l, b.l) > 2 && Math.min(a.b, b.b) - Math.max(a.t, b.t) > 2;
  lines.forEach((a, n) => {
    for (const b of lines.slice(n + 1)) {
      if (a.e !== b.e && covers(a, b)) over.push([named(a.e), named(b.e)]);
    }
  });
  const controls = [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
    .filter((e) => e.checkVisibility() && !e.matches(":disabled, .skip") && !e.closest("[inert]"));
  const boxes = controls.filter((e) => seen(e) && e.tagName !== "INPUT").map((e) => {
    const r = e.getBoundingClientRect();
    return { e, l: r.left, r: r.right, t: r.top, b: r.bottom };
  });
  boxes.forEach((a, n) => {
    for (const b of boxes.slice(n + 1)) {
      if (!a.e.contains(b.e) && !b.e.contains(a.e) && covers(a, b)) over.push([named(a.e), named(b.e)]);
    }
  });

  // One stop for a group of radio buttons: arrows go on from there.
  const radio = (e) => (e.type === "radio" ? e.name : null);
  const stops = controls.filter((e) => e.tabIndex >= 0)
    .filter((e, n, all) => radio(e) === null || all.findIndex((o) => radio(o) === radio(e) && o.form === e.form) === n);
  window.hienStops = stops;
  const ahead = [...document.querySelectorAll("[tabindex]")].filter((e) => e.tabIndex > 0).map(named);
  return { sideways: document.documentElement.scrollWidth - wide, cut, over, stops: stops.map(named), ahead };
})();
