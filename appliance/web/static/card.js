// The buttons that copy a field, and the end of its time. On plain HTTP a page has no clipboard of its
// own, so the field is selected and the browser told to copy. Without this script the text can be marked.
"use strict";

(() => {
  let ending = null;

  function dress() {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    const box = document.querySelector("[data-left-s]");
    clearTimeout(ending);
    if (box) ending = setTimeout(() => location.reload(), 1000 * Number(box.dataset.leftS) + 500);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.focus();
    field.select();
    const copied = document.execCommand("copy");
    const said = document.querySelector("[data-copied]");
    if (copied) said.textContent = `${said.dataset.copied} ${field.dataset.name}`;
    button.classList.toggle("on", copied);
  });
  document.addEventListener("hien:fresh", dress);
  dress();
})();
