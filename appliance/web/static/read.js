// Reads the screen aloud: by a Vietnamese voice the browser itself has, else by the box's. Into
// headphones first: each person is asked once. Nothing plays by itself, nothing goes on after a page.
"use strict";

(() => {
  const EARS = "hien:ears";
  const button = document.querySelector("[data-listen]");
  if (!button) return;
  const { path, ears, stop, ask, yes, no } = button.dataset;
  const listen = button.textContent;
  const of = `?of=${encodeURIComponent(path)}`;
  const language = document.documentElement.lang;

  let audio = null;
  let speaking = false;
  let turn = 0; // a second tap ends what the first began, also while it is still being fetched

  function show(now) {
    speaking = now;
    button.textContent = now ? stop : listen;
    button.classList.toggle("speaking", now);
  }

  function silence() {
    turn += 1;
    window.speechSynthesis?.cancel();
    if (audio) { audio.pause(); audio.removeAttribute("src"); audio.load(); audio = null; }
    show(false);
  }

  // Only a voice that lives on this machine: nothing of the screen is sent away to be read.
  function ownVoice() {
    const voices = window.speechSynthesis?.getVoices() || [];
    return voices.find((v) => v.localService && v.lang.toLowerCase().replace("_", "-").startsWith(language)
      && !/espeak/i.test(v.voiceURI + v.name));
  }

  async function byBrowser(voice, mine) {
    const answer = await fetch(`/read.txt${of}`, { cache: "no-store" });
    if (!answer.ok) throw new Error("nothing to read");
    const lines = (await answer.text()).split("\n").filter(Boolean);
    if (mine !== turn) return;
    lines.forEach((line, at) => {
      const said = new SpeechSynthesisUtterance(line);
      said.voice = voice;
      said.lang = voice.lang;
      said.rate = 0.9;
      if (at === lines.length - 1) said.onend = () => { if (mine === turn) show(false); };
      speechSynthesis.speak(said);
    });
  }

  function byBox(mine) {
    audio = new Audio(`/read.wav${of}`);
    audio.volume = 0.8; // the same for everybody who comes
    audio.onended = () => { if (mine === turn) show(false); };
    audio.onerror = () => { if (mine === turn && audio) location.assign(button.href); };
    return audio.play();
  }

  function begin() {
    const mine = ++turn;
    show(true);
    const voice = ownVoice();
    const begun = voice ? byBrowser(voice, mine) : byBox(mine);
    begun.catch(() => { if (mine === turn) location.assign(button.href); });
  }

  function askForEars() {
    const box = document.createElement("dialog");
    box.className = "idle";
    const text = document.createElement("p");
    text.className = "key";
    text.textContent = ask;
    const row = document.createElement("div");
    row.className = "dialog-row";
    for (const [words, act, look] of [[yes, () => { sessionStorage.setItem(EARS, "1"); begin(); }, "primary"], [no, () => {}, "plain"]]) {
      const one = document.createElement("button");
      one.type = "button";
      one.className = `button ${look}`;
      one.textContent = words;
      one.addEventListener("click", () => { box.close(); box.remove(); button.focus(); act(); });
      row.append(one);
    }
    box.append(text, row);
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }

  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (speaking) silence();
    else if (ears && !sessionStorage.getItem(EARS)) askForEars();
    else begin();
  });
  window.speechSynthesis?.getVoices(); // some browsers only begin to look for voices when asked
  addEventListener("pagehide", silence);
})();
