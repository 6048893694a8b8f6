// Lists with the pair beside them: where the pane is visible, a name opens there; elsewhere it is an ordinary link.

const paneInSight = () => {
  const pane = document.getElementById("pair-pane"); // a list that has just come brings a new one
  return pane && pane.getClientRects().length > 0 ? pane : null;
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-pair-list] [data-key-focus]");
  const pane = link && paneInSight();
  if (!pane || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.querySelectorAll("[data-pair-list] [aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  link.closest("[data-key-item]").setAttribute("aria-current", "true");
  globalThis.htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" });
});
