// Keeps the virtual room's page live, and makes the round button one that can be held.
// Without it every form of the page does the same.
"use strict";

const every_ms = 700;
let shown = JSON.parse(document.body.dataset.state);

function sign(id, now) {
  const element = document.getElementById(id);
  element.dataset.now = now;
  element.querySelector("span").textContent = element.dataset[now];
}

function showScene(version) {
  const scene = document.getElementById("scene");
  const bare = version === "0";
  if (!bare) scene.src = "/scene.jpg?v=" + version;
  scene.hidden = bare;
  document.getElementById("bare").hidden = !bare;
}

function addSlip(number) {
  const list = document.getElementById("slips");
  const copy = document.getElementById("slip").content.firstElementChild.cloneNode(true);
  copy.dataset.slip = number;
  const title = copy.querySelector("h3");
  title.textContent = title.textContent.replace("0", number);
  copy.querySelector("a").href = copy.querySelector("img").src = "/slips/" + number + ".png";
  const form = copy.querySelector("form");
  form.action = form.getAttribute("action").replace("/slip/0", "/slip/" + number);
  list.prepend(copy);
  document.getElementById("no-slips").hidden = true;
}

function show(now) {
  if (now.lamp !== shown.lamp) sign("lamp", now.lamp);
  if (now.paper !== shown.paper) sign("paper", now.paper);
  if (now.network !== shown.network) sign("network", now.network);
  if (now.scene !== shown.scene) showScene(now.scene);
  const known = new Set(shown.slips);
  now.slips.filter((number) => !known.has(number)).reverse().forEach(addSlip);
  shown = now;
}

async function look() {
  try {
    const answer = await fetch("/state.json", { cache: "no-store" });
    if (answer.ok) show(await answer.json());
  } catch {
    // The demo has ended or is starting again: the page keeps what it shows and asks again.
  }
  setTimeout(look, every_ms);
}

function tell(path) {
  return fetch(path, { method: "POST", headers: { Accept: "application/json" }, keepalive: true });
}

const push = document.getElementById("push");
let isDown = false;
let line = Promise.resolve(); // down and up arrive in order, and a short press is still seen

function moveButton(path, rest_ms) {
  line = line
    .then(() => tell(path))
    .catch(() => {})
    .then(() => new Promise((done) => setTimeout(done, rest_ms)));
}

function pressed() {
  if (isDown) return;
  isDown = true;
  push.classList.add("down");
  moveButton("/button/down", 150);
}

function released() {
  if (!isDown) return;
  isDown = false;
  push.classList.remove("down");
  moveButton("/button/up", 100);
}

push.addEventListener("pointerdown", (event) => {
  push.setPointerCapture(event.pointerId);
  pressed();
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
  push.addEventListener(name, released);
}
push.addEventListener("contextmenu", (event) => event.preventDefault());
push.addEventListener("keydown", (event) => {
  if ((event.key === " " || event.key === "Enter") && !event.repeat) pressed();
});
push.addEventListener("keyup", (event) => {
  if (event.key === " " || event.key === "Enter") released();
});
push.addEventListener("blur", released);
push.hidden = false;

// Forms answer in place, so that the page does not jump; the upload loads the page anew.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.enctype === "multipart/form-data") return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await tell(form.getAttribute("action"));
  } finally {
    button.disabled = false;
  }
});
setTimeout(look, every_ms);
