// Four handles on a photo: drag them by finger or mouse, or focus one and use the arrow keys. A lens
// shows what lies under a finger. Without this script the photo is tapped four times instead.
"use strict";

(() => {
  const stage = document.querySelector("[data-stage]");
  if (!stage) return;
  const STEP = 0.002;
  const BIG_STEP = 0.02;
  const LENS_ZOOM = 3;

  const photo = stage.querySelector("img");
  const outline = stage.querySelector("polygon");
  const lens = stage.querySelector("canvas");
  const handles = [...stage.querySelectorAll(".handle")];
  const field = document.querySelector("[data-corners-field]");
  const first = JSON.parse(stage.dataset.stage);
  let corners = first.map((point) => [...point]);

  for (const one of document.querySelectorAll("[data-needs-scripts]")) one.hidden = false;

  const clamp = (n) => Math.min(1, Math.max(0, n));
  const percent = (n) => Math.round(n * 1000) / 10;

  function draw() {
    corners.forEach(([x, y], i) => {
      handles[i].style.left = `${x * 100}%`;
      handles[i].style.top = `${y * 100}%`;
      // Spoken when it changes: a slider with a way of its own to say where it stands.
      handles[i].setAttribute("aria-valuenow", percent(x));
      handles[i].setAttribute("aria-valuetext", stage.dataset.where.replace("{x}", percent(x)).replace("{y}", percent(y)));
    });
    outline.setAttribute("points", corners.map(([x, y]) => `${x * 100},${y * 100}`).join(" "));
    field.value = corners.map(([x, y]) => `${Math.round(x * 1e4) / 100},${Math.round(y * 1e4) / 100}`).join(";");
  }

  // The lens stands in the upper corner that is farther from the finger.
  function magnify(i) {
    const [x, y] = corners[i];
    lens.hidden = false;
    lens.classList.toggle("right", x < 0.5);
    const pen = lens.getContext("2d");
    const ratio = photo.naturalWidth / photo.clientWidth;
    const side = (lens.clientWidth / LENS_ZOOM) * ratio;
    pen.fillStyle = "#10201e";
    pen.fillRect(0, 0, lens.width, lens.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(photo, x * photo.naturalWidth - side / 2, y * photo.naturalHeight - side / 2, side, side, 0, 0, lens.width, lens.height);
    const at = ([u, v]) => [
      lens.width / 2 + ((u - x) * photo.naturalWidth / side) * lens.width,
      lens.height / 2 + ((v - y) * photo.naturalHeight / side) * lens.height,
    ];
    pen.lineWidth = 4;
    pen.strokeStyle = "#ffd37a";
    pen.beginPath();
    pen.moveTo(...at(corners[(i + 3) % 4]));
    pen.lineTo(...at(corners[i]));
    pen.lineTo(...at(corners[(i + 1) % 4]));
    pen.stroke();
  }

  function move(i, x, y) {
    corners[i] = [clamp(x), clamp(y)];
    draw();
    magnify(i);
  }

  handles.forEach((handle, i) => {
    let grip = null;
    handle.addEventListener("pointerdown", (event) => {
      // Where in the handle the finger came down stays so: nothing jumps.
      const box = photo.getBoundingClientRect();
      grip = [event.clientX - box.left - corners[i][0] * box.width, event.clientY - box.top - corners[i][1] * box.height];
      handle.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      magnify(i);
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const box = photo.getBoundingClientRect();
      move(i, (event.clientX - box.left - grip[0]) / box.width, (event.clientY - box.top - grip[1]) / box.height);
    });
    const drop = () => { grip = null; lens.hidden = true; };
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!by) return;
      event.preventDefault();
      const step = event.shiftKey ? BIG_STEP : STEP;
      move(i, corners[i][0] + by[0] * step, corners[i][1] + by[1] * step);
    });
    handle.addEventListener("blur", () => { lens.hidden = true; });
    handle.addEventListener("contextmenu", (event) => event.preventDefault());
  });

  document.querySelector("[data-reset]")?.addEventListener("click", () => {
    corners = first.map((point) => [...point]);
    draw();
  });
  draw();
})();
