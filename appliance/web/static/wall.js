// The wall: a chime and a glow when a number is called. The chime is made here (WebAudio); where the
// browser wants a touch first, a button asks for it, and the glow speaks meanwhile.
"use strict";

(() => {
  const GLOW_MS = 10000;
  const button = document.querySelector("[data-sound]");
  let audio = null;
  let seen = document.getElementById("wall-now")?.dataset.call || "";

  function context() {
    const Audio = window.AudioContext || window.webkitAudioContext;
    if (!audio && Audio) audio = new Audio();
    return audio;
  }

  function askForTouch() {
    if (button) button.hidden = !audio || audio.state === "running";
  }

  function tone(at, hertz, seconds) {
    const sound = audio.createOscillator();
    const loudness = audio.createGain();
    sound.type = "sine";
    sound.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    sound.connect(loudness).connect(audio.destination);
    sound.start(at);
    sound.stop(at + seconds);
  }

  async function chime() {
    if (!context()) return;
    if (audio.state !== "running") {
      // resume() stays pending until somebody touches the screen: do not wait for it here.
      audio.resume().then(askForTouch, askForTouch);
      await new Promise((done) => setTimeout(done, 50));
    }
    askForTouch();
    if (audio.state !== "running") return;
    tone(audio.currentTime + 0.02, 784, 0.9);
    tone(audio.currentTime + 0.42, 587, 1.4);
  }

  function glow() {
    const now = document.getElementById("wall-now");
    if (!now) return;
    now.classList.add("new");
    setTimeout(() => now.classList.remove("new"), GLOW_MS);
  }

  document.addEventListener("hien:fresh", () => {
    const now = document.getElementById("wall-now");
    const call = now?.dataset.call || "";
    if (call === seen) return;
    const isCall = call !== "" && now.querySelector(".number");
    seen = call;
    if (isCall) { document.documentElement.dataset.chimes = String(Number(document.documentElement.dataset.chimes || 0) + 1); chime(); glow(); }
  });

  button?.addEventListener("click", () => { context()?.resume().then(() => { askForTouch(); chime(); }); });

  context();
  askForTouch();

  // A dark screen calls nobody. Only where the browser allows it (not over plain HTTP by name).
  const keepAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
  keepAwake();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) keepAwake(); });
})();
