// Read from a page as it is drawn: what a finger meets, and how readable each text is.
(() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => {
      const part = v / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (colour) => {
    const n = colour.match(/[0-9.]+/g).map(Number);
    return { rgb: n.slice(0, 3), opaque: n.length < 4 || n[3] === 1 };
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.opaque) return colour.rgb;
    }
    return [255, 255, 255];
  };

  const targets = [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
    .filter((e) => e.checkVisibility() && !e.classList.contains("skip"))
    .map((e) => {
      const box = (e.closest("label") || e).getBoundingClientRect();
      const text = (e.textContent || e.name).trim();
      const primary = e.classList.contains("primary");
      return { text, primary, x: box.x, y: box.y, w: box.width, h: box.height };
    });

  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest(".skip, noscript, script")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parse(style.color).rgb), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const key = Boolean(element.closest(".key, h1"));
    texts.push({ text: text.slice(0, 40), size: parseFloat(style.fontSize), family: style.fontFamily, ratio, key });
  }

  return { targets, texts, width: document.documentElement.scrollWidth };
})();
