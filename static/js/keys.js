// Keys for people who work through lists. A row is [data-key-item]; inside it [data-key="y"] is pressed by y.
// Outside rows [data-key="/"] takes the focus. Off in fields; can be switched off in the help (?).

const SETTING = "matchhub.keys";
const help = document.getElementById("keys-help");
const toggle = help?.querySelector("[data-keys-toggle]");

function enabled() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

if (toggle) {
  toggle.checked = enabled();
  toggle.addEventListener("change", () => {
    try {
      localStorage.setItem(SETTING, toggle.checked ? "on" : "off");
    } catch {
      // Storage is closed: keys stay as they are.
    }
  });
}

const visible = (element) => element.getClientRects().length > 0;
const rows = () => [...document.querySelectorAll("[data-key-item]")].filter(visible);
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function currentRow() {
  return document.activeElement?.closest("[data-key-item]") ?? document.querySelector("[data-key-item][aria-current]");
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
  const target = next.querySelector("[data-key-focus]") ?? next.querySelector("a, button");
  target?.focus({ focusVisible: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const named = `[data-key="${CSS.escape(key)}"]`;
  const inRow = [...(currentRow()?.querySelectorAll(named) ?? [])].find(visible);
  const onPage = [...document.querySelectorAll(named)].find((one) => visible(one) && !one.closest("[data-key-item]"));
  const target = inRow ?? onPage;
  if (!target) return false;
  if (target.matches("input, textarea, select")) {
    target.focus();
    target.select?.();
  } else {
    target.click();
    enter(target);
  }
  return true;
}

// What a key unfolds is gone on with by keyboard: in its first field, or from its heading.
function enter(target) {
  const part = target.matches("summary") && target.parentElement;
  if (!part || !part.open) return;
  (part.querySelector("input:not([type=hidden]), textarea, select") ?? target).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?" && help) {
    event.preventDefault();
    help.showModal();
    return;
  }
  if (!enabled() || event.key === "Enter" || event.key.length > 1) return;
  const done = event.key === "j" ? move(1) : event.key === "k" ? move(-1) : press(event.key);
  if (done) event.preventDefault();
});

document.querySelectorAll("[data-keys-help]").forEach((button) => button.addEventListener("click", () => help?.showModal()));
