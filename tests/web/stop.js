// Where the focus is now: which of window.hienStops (-1 for something else, null for nothing), where
// it stands on the sheet, how its ring stands out from what lies around it, whether it can be seen.
(() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (text) => text.match(/[0-9.]+/g).map(Number);
  const ground = (from) => {
    for (let one = from; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  // A radio that is drawn by its label has its ring there.
  let ring = 0;
  let drawn = e;
  for (let one = e, n = 0; one && one !== document.body && n < 3; one = one.parentElement, n += 1) {
    const style = getComputedStyle(one);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) continue;
    if (!one.checkVisibility({ opacityProperty: true })) continue;
    const inside = parseFloat(style.outlineOffset) < 0;
    const [a, b] = [luminance(parse(style.outlineColor).slice(0, 3)), luminance(ground(inside ? one : one.parentElement))];
    ring = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    drawn = one;
    break;
  }
  const box = drawn.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const bare = Boolean(top) && (drawn.contains(top) || top.contains(drawn));
  const stop = window.hienStops.findIndex((o) => o === e || (e.type === "radio" && o.name === e.name && o.form === e.form));
  const name = `${e.tagName.toLowerCase()} ${(e.ariaLabel || e.textContent || e.name || "").trim().slice(0, 40)}`;
  const kind = { skip: e.matches(".skip"), player: e.matches("audio, video"), parts: e.matches("[type=date], [type=time]"), corner: e.matches(".handle") };
  return { stop, name, ...kind, ring, bare, l: box.left + scrollX, r: box.right + scrollX, t: box.top + scrollY, b: box.bottom + scrollY };
})();
