// Lists with the pair beside them: where the pane is visible, a name opens there; elsewhere it is an ordinary link.

const pane = document.getElementById("pair-pane");
const visible = () => pane && pane.getClientRects().length > 0;

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-pair-list] [data-key-focus]");
  if (!link || !visible() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.querySelectorAll("[data-pair-list] [aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  link.closest("[data-key-item]").setAttribute("aria-current", "true");
  globalThis.htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" });
});
