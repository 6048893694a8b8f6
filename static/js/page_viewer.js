// A document as pictures: which page is in sight, arrow keys and two buttons to turn, a plain word when a page is gone.

const viewer = document.querySelector("[data-page-viewer]");
const sheets = [...viewer?.querySelectorAll(".page-sheet") ?? []];
const turner = viewer?.querySelector(".page-turner");
const now = viewer?.querySelector("[data-page-now]");
let current = 0;

function show(at) {
  sheets[current].removeAttribute("aria-current");
  sheets[at].setAttribute("aria-current", "page"); // j and k start from here
  current = at;
  now.textContent = String(at + 1);
}

function turn(step) {
  const next = Math.min(sheets.length - 1, Math.max(0, current + step));
  sheets[next].scrollIntoView({ block: "start", behavior: "instant" });
  show(next);
}

function gone(picture) {
  const word = document.createElement("p");
  word.className = "page-gone";
  word.textContent = viewer.dataset.gone;
  picture.replaceWith(word);
}

if (sheets.length) {
  turner.hidden = sheets.length < 2;
  turner.addEventListener("click", (event) => {
    const step = Number(event.target.closest("[data-turn]")?.dataset.turn ?? 0);
    if (step) turn(step);
  });
  const sight = new IntersectionObserver(
    (seen) => {
      const here = seen.find((one) => one.isIntersecting);
      if (here) show(sheets.indexOf(here.target));
    },
    { rootMargin: "-45% 0px -45% 0px" },
  );
  sheets.forEach((sheet) => sight.observe(sheet));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    turn(step);
  });
  viewer.querySelectorAll("img").forEach((picture) => {
    picture.addEventListener("error", () => gone(picture));
    picture.addEventListener("contextmenu", (event) => event.preventDefault());
    if (picture.complete && !picture.naturalWidth && picture.loading !== "lazy") gone(picture);
  });
}
