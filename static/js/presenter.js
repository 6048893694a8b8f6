// The presenter's timer: all it needs is in the page, so that it runs without network. It counts by the clock, not by ticks.

const page = document.getElementById("content");
const items = JSON.parse(page.dataset.items);
const name = document.getElementById("presenter-name");
const clock = document.getElementById("presenter-clock");
const word = document.getElementById("presenter-word");
const coming = document.getElementById("presenter-next");
const toggle = page.querySelector("[data-do=toggle]");
let place = Math.max(0, items.findIndex((item) => item.on));
let used = 0; // milliseconds before the present run
let since = null;

const left = () => (items[place]?.minutes ?? 0) * 60000 - used - (since ? Date.now() - since : 0);

function show() {
  const rest = left();
  const seconds = Math.abs(rest < 0 ? Math.floor(rest / 1000) : Math.ceil(rest / 1000));
  const text = `${rest < 0 ? "+" : ""}${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  if (clock.textContent !== text) clock.textContent = text;
  page.dataset.tone = rest < 0 ? "red" : rest <= 60000 ? "amber" : "green";
  const said = rest < 0 ? page.dataset.over : "";
  if (word.textContent !== said) word.textContent = said;
}

function showItem() {
  name.textContent = items[place]?.name ?? "";
  coming.textContent = items[place + 1]?.name ?? page.dataset.last;
  toggle.querySelector("span").textContent = since ? page.dataset.pause : page.dataset.start;
  toggle.setAttribute("aria-pressed", String(Boolean(since)));
  show();
}

function reset() {
  used = 0;
  since = null;
}

const actions = {
  toggle() {
    if (since) used += Date.now() - since;
    since = since ? null : Date.now();
  },
  reset,
  back() {
    place = Math.max(0, place - 1);
    reset();
  },
  next() {
    place = Math.min(items.length - 1, place + 1);
    reset();
  },
  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else page.requestFullscreen?.();
  },
};
const keys = { " ": "toggle", ArrowLeft: "back", ArrowRight: "next", PageUp: "back", PageDown: "next", r: "reset", f: "full" };

function act(action) {
  actions[action]?.();
  showItem();
}

page.addEventListener("click", (event) => act(event.target.closest("[data-do]")?.dataset.do));
document.addEventListener("keydown", (event) => {
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("button, a")) return; // the button that has the focus is pressed
  event.preventDefault();
  act(action);
});
showItem();
setInterval(show, 200);
