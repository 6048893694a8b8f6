// What every page needs: CSRF for htmx, focus on errors, confirmations, menus, toasts, no double submits.

const words = document.getElementById("page-words")?.dataset ?? {};
const csrfToken = document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, headers, path } = event.detail;
  if (csrfToken && verb !== "get" && new URL(path, location.href).origin === location.origin) {
    headers["X-CSRFToken"] = csrfToken;
  }
});

// Errors come first: on load, and after htmx swaps a form back in.
function focusFirst(root) {
  root.querySelector?.("[data-focus]")?.focus();
}
focusFirst(document);
document.addEventListener("htmx:afterSettle", (event) => focusFirst(event.target));

// On a phone a row of tabs is longer than the screen: begin with the present one in sight.
document.querySelectorAll(".tabs").forEach((row) => {
  const here = row.querySelector("[aria-current]");
  if (here) row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest(".field")?.scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
});

// Toasts: the server sends HX-Trigger {"toast": {"text", "tone", "undo_url"}}.
export function toast({ text, tone = "info", undo_url: undoUrl, seconds = 10 }) {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.tone = tone;
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  if (undoUrl) box.append(undoForm(undoUrl));
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", words.close ?? "");
  close.addEventListener("click", () => box.remove());
  box.append(close);
  region.append(box);
  if (tone !== "error") leaveAfter(box, seconds);
}

// A toast waits as long as someone points at it or is inside it.
function leaveAfter(box, seconds) {
  setTimeout(() => {
    if (box.matches(":hover, :focus-within")) leaveAfter(box, 3);
    else box.remove();
  }, seconds * 1000);
}

function undoForm(url) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrf_token";
  token.value = csrfToken ?? "";
  const button = document.createElement("button");
  button.textContent = words.undo ?? "";
  form.append(token, button);
  return form;
}

document.addEventListener("toast", (event) => toast(event.detail));

// What can be undone for some seconds leaves as a toast when they are over; without JavaScript the button stays.
document.querySelectorAll("[data-undo]").forEach((box) => {
  toast({ text: box.dataset.text, undo_url: box.dataset.undo, seconds: Number(box.dataset.seconds) });
  box.remove();
});
document.addEventListener("htmx:sendError", () => toast({ text: words.offline, tone: "error" }));
document.addEventListener("htmx:responseError", () => toast({ text: words.failed, tone: "error" }));

// A form with data-confirm asks first; without JavaScript it simply posts.
const confirmDialog = document.getElementById("confirm-dialog");
let waiting = null;

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed || !confirmDialog?.showModal) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { form, submitter: event.submitter };
    document.getElementById("confirm-dialog-text").textContent = form.dataset.confirm;
    confirmDialog.querySelector("[data-confirm-button]").textContent = event.submitter?.textContent.trim() ?? "";
    confirmDialog.returnValue = "cancel";
    confirmDialog.showModal();
  },
  true,
);

confirmDialog?.addEventListener("close", () => {
  const { form, submitter } = waiting ?? {};
  waiting = null;
  if (!form) return;
  if (confirmDialog.returnValue !== "confirm") {
    submitter?.focus();
    return;
  }
  form.dataset.confirmed = "true";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
});

// One press, one post. Buttons stay enabled so that their name and value are sent.
function release(form) {
  delete form.dataset.busy;
  form.querySelectorAll("[aria-disabled][type=submit]").forEach((button) => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.busy = "true";
  form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
  if (form.hasAttribute("data-download") || form.target === "_blank") setTimeout(() => release(form), 3000);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(release));

// Who signs out leaves no list of guests behind (door_store.js); what a door has not uploaded yet stays for the next one.
document.addEventListener("submit", (event) => {
  if (!event.target.getAttribute("action")?.endsWith("/session/closure")) return;
  Object.keys(localStorage)
    .filter((key) => key.startsWith("matchhub-door:list:"))
    .forEach((key) => localStorage.removeItem(key));
  window.caches?.delete("matchhub-door");
});

// Menus close on Escape, on a click elsewhere, and when focus leaves them.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
