// The board: cards are dragged into another column (the menu beside each card does the same), a name opens the deal in the
// side panel where there is room for one, Escape closes it. On 今日 a row opens its deal in the same panel below the rows.

const wide = matchMedia("(min-width: 64rem)");
const pane = document.getElementById("deal-pane");
let opener = null; // the row of 今日 whose deal is open
let moved = null; // the card that is being moved, and how to put it back

// Once for each board that the page has shown; says whether this one is new.
function arrange() {
  const board = document.getElementById("board");
  if (!board || board.dataset.arranged) return false;
  board.dataset.arranged = "true";
  if (board.hasAttribute("data-movable") && globalThis.Sortable) makeSortable(board);
  return true;
}

function makeSortable(board) {
  for (const list of board.querySelectorAll("[data-column]")) {
    globalThis.Sortable.create(list, {
      group: "board",
      draggable: "[data-deal]",
      filter: ".menu, .deal-card-actions",
      preventOnFilter: false,
      sort: false,
      delay: 150,
      delayOnTouchOnly: true,
      ghostClass: "deal-card-ghost",
      onEnd: ({ item, from, to, oldIndex }) => {
        if (from === to) return;
        const button = item.querySelector(`button[name="to"][value="${CSS.escape(to.dataset.column)}"]`);
        moved = { id: item.id, back: () => from.insertBefore(item, from.children[oldIndex] ?? null) };
        button?.click();
      },
    });
  }
}

// A card that did not arrive goes back to where it was.
function putBack() {
  moved?.back?.();
  moved = null;
}

function show(link) {
  const { next } = Object.fromEntries(new URL(link.href).searchParams);
  const field = new URL(link.href).hash.slice(1);
  document.querySelectorAll("#board [data-deal][aria-current]").forEach((card) => card.removeAttribute("aria-current"));
  link.closest("[data-deal]").setAttribute("aria-current", "true");
  globalThis.htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" }).then(() => {
    if (next) history.replaceState(null, "", next);
    const target = (field && document.getElementById(field)) || pane.querySelector("h2");
    target?.focus();
  });
}

function close() {
  const id = pane.querySelector("[data-deal-shown]")?.dataset.dealShown;
  if (!id) return false;
  pane.replaceChildren();
  const address = new URL(location.href);
  address.searchParams.delete("open");
  history.replaceState(null, "", address);
  (opener ?? document.querySelector(`#deal-${CSS.escape(id)} [data-key-focus]`))?.focus();
  opener = null;
  return true;
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("[data-close-pane]") && close()) event.preventDefault();
  const link = event.target.closest("#board a[data-open-deal]");
  if (!link || !pane || !wide.matches) return;
  event.preventDefault();
  show(link);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !pane || document.querySelector("dialog[open], details[data-menu][open]")) return;
  if (close()) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const card = event.target.closest?.("#board [data-deal]");
  if (card && event.target.matches("form")) moved = { id: card.id, back: moved?.id === card.id ? moved.back : null };
});
document.addEventListener("htmx:sendError", putBack);
document.addEventListener("htmx:responseError", putBack);

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const row = detail.requestConfig?.elt;
  if (!row?.matches(".today-row a")) return;
  opener = row;
  pane.scrollIntoView({ block: "nearest" });
  pane.querySelector("h2")?.focus();
});

document.addEventListener("htmx:afterSettle", () => {
  if (!arrange()) return;
  const warning = document.querySelector("#board [data-focus]");
  const card = moved && document.getElementById(moved.id);
  (warning ?? card?.querySelector("[data-key-focus]"))?.focus();
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  refresh(card?.dataset.deal);
  moved = null;
});

// The panel tells of the card that has just moved: read it again.
function refresh(id) {
  if (!id || pane?.querySelector("[data-deal-shown]")?.dataset.dealShown !== id) return;
  const link = document.querySelector(`#deal-${CSS.escape(id)} a[data-open-deal]`);
  globalThis.htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" });
}

// A menu near the edge of the window opens where it can be read.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (menu.open && menu.closest("#board")) menu.querySelector(".menu-panel")?.scrollIntoView({ block: "nearest" });
  },
  true,
);

arrange();
