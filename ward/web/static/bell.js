// This file rings for calls nobody has answered: once for a new one, again every 20 s.
"use strict";

const RING_AGAIN_MS = 20000;
const bell = document.getElementById("bell");
let sound = null;
let rungFor = 0;
let rungAt = 0;

function beep(at, hz) {
  const tone = sound.createOscillator();
  const loud = sound.createGain();
  tone.frequency.value = hz;
  loud.gain.setValueAtTime(0.0001, at);
  loud.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
  loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
  tone.connect(loud).connect(sound.destination);
  tone.start(at);
  tone.stop(at + 0.5);
}

function ring() {
  [784, 988, 784].forEach((hz, i) => beep(sound.currentTime + i * 0.45, hz));
}

function listen() {
  const open = document.querySelectorAll(".call.open").length;
  const again = open > 0 && Date.now() - rungAt > RING_AGAIN_MS;
  if (sound && sound.state === "running" && (open > rungFor || again)) {
    rungAt = Date.now();
    ring();
  }
  rungFor = open;
}

// A browser lets a page make sound only after somebody has touched it.
bell.hidden = false;
bell.addEventListener("click", async () => {
  sound = sound || new AudioContext();
  const on = bell.getAttribute("aria-pressed") !== "true";
  await (on ? sound.resume() : sound.suspend());
  bell.setAttribute("aria-pressed", String(on));
  bell.textContent = on ? "Chuông đang bật" : "Bật chuông gọi giúp";
  if (on) ring();
});
setInterval(listen, 1000);
