// The boxes of a dossier's code: a pasted code goes into its boxes, a full box leads to the next,
// and the code is read back in large groups before it is kept. Without this script the server has
// it read back after the first tap.
"use strict";

(() => {
  const CODE = /^(?:[GH]\d{2}(?:\.\d{2}){0,3}|\d{3}\.\d{2}\.\d{2}\.[GH]\d{2})-\d{6}-\d{4,7}$/;

  for (const field of document.querySelectorAll("[data-code]")) {
    const boxes = [...field.querySelectorAll("input[type=text]")];
    const [unit, day] = boxes;
    const read = field.querySelector("input[name=code_read]");
    const shown = field.querySelector("[data-code-read]");
    const clean = (text) => text.replace(/\s+/g, "").replace(/[–—−]/g, "-").toUpperCase();

    const show = () => {
      const code = boxes.map((box) => clean(box.value)).filter(Boolean).join("-");
      const whole = CODE.test(code);
      read.value = whole ? code : "";
      shown.hidden = !whole;
      shown.querySelector(".code-groups").replaceChildren(...(whole ? code.split("-") : []).map((group) => {
        const span = document.createElement("span");
        span.textContent = group;
        return span;
      }));
    };

    field.addEventListener("input", (event) => {
      const parts = clean(event.target.value).split("-");
      if (event.target === unit && parts.length === 3) {
        boxes.forEach((box, n) => { box.value = parts[n]; });
        boxes[2].focus();
      } else if (event.target === day && /^\d{6}$/.test(day.value.trim())) {
        boxes[2].focus();
      }
      show();
    });
    show();
  }
})();
