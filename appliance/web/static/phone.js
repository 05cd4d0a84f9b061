// The telephone's own camera: the picture is sent as soon as it is taken, and says that it goes.
"use strict";

(() => {
  document.documentElement.classList.add("sends-at-once");
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-shot]");
    if (!form || !event.target.files?.length) return;
    const words = form.querySelector("label span");
    words.setAttribute("aria-busy", "true");
    form.classList.add("sending");
    form.requestSubmit();
  });
})();
