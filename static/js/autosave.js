// A draft saves itself. <form data-autosave-url="…"> posts what it holds a moment after a [data-autosave] control
// changes. The answer is 204, or a fragment whose elements replace those of the page with the same id (the live
// counter, the version field). Offline, it says so and tries again.

const PAUSE_MS = 700;
const RETRY_MS = 8000;
const words = document.getElementById("page-words")?.dataset ?? {};

function tell(form, state, text) {
  const line = form.querySelector(".save-state") ?? document.getElementById("save-state");
  if (!line) return;
  line.dataset.state = state;
  line.textContent = text;
}

function clock() {
  return new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date());
}

// Files travel with the real submit, never with a draft.
function draftOf(form) {
  const draft = new FormData(form);
  for (const [name, value] of [...draft.entries()]) {
    if (value instanceof File) draft.delete(name);
  }
  return draft;
}

function replaceById(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of answer.body.querySelectorAll(":scope > [id]")) {
    const old = document.getElementById(fresh.id);
    if (!old || old.contains(document.activeElement)) continue;
    if (old.isEqualNode(fresh)) continue;
    if (old.hasAttribute("aria-live")) {
      old.replaceChildren(...fresh.childNodes);
    } else {
      old.replaceWith(fresh);
    }
  }
}

class Draft {
  constructor(form) {
    this.form = form;
    this.changes = 0;
    this.saving = false;
    this.timer = null;
    form.addEventListener("input", (event) => event.target.matches("[data-autosave]") && this.later(PAUSE_MS));
    form.addEventListener("submit", () => this.stop());
    addEventListener("online", () => this.changes && this.later(0));
  }

  later(milliseconds) {
    if (milliseconds === PAUSE_MS) this.changes += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  stop() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  async save() {
    if (this.saving) return this.later(PAUSE_MS / 2);
    const upTo = this.changes;
    this.saving = true;
    this.request = new AbortController();
    tell(this.form, "saving", words.saving);
    try {
      const response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        body: draftOf(this.form),
        headers: { "X-Requested-With": "autosave", "HX-Request": "true" },
        signal: this.request.signal,
      });
      this.saving = false;
      await this.answer(response, upTo);
    } catch (error) {
      this.saving = false;
      if (error.name === "AbortError") return;
      tell(this.form, "unsaved", words.unsaved);
      this.later(RETRY_MS);
    }
  }

  async answer(response, upTo) {
    if (response.ok && !response.redirected) {
      if (response.status !== 204) replaceById(await response.text());
      if (upTo === this.changes) this.changes = 0;
      tell(this.form, "saved", `${words.saved} ${response.headers.get("X-Saved-At") ?? clock()}`);
      this.form.dispatchEvent(new CustomEvent("draft-saved", { bubbles: true }));
    } else if (response.status === 409) {
      tell(this.form, "unsaved", words.conflict);
    } else if (response.status === 400 || response.status === 422) {
      tell(this.form, "unsaved", words.rejected);
    } else {
      tell(this.form, "unsaved", words.unsaved);
      this.later(RETRY_MS);
    }
  }
}

document.querySelectorAll("form[data-autosave-url]").forEach((form) => new Draft(form));
