// A draft saves itself. <form data-autosave-url="…"> posts what it holds a moment after a [data-autosave] control
// changes. The answer is 204, or a fragment whose elements replace those of the page with the same id (the live
// counter, the version field). Offline, it says so and tries again.
//
// Nothing typed is lost on a slow machine: a form that is sent waits for the draft under way, as the answer renews the
// version that the form carries; a link waits until what was typed is kept; a page put away sends it at once.

const PAUSE_MS = 700;
const RETRY_MS = 8000;
const PATIENCE_MS = 10000;
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

// The link of a click that leaves this page in this window; null for any other click.
function leaving(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hasAttribute("download") || !link.protocol.startsWith("http")) return null;
  return link.hash && link.href.split("#")[0] === location.href.split("#")[0] ? null : link;
}

class Draft {
  constructor(form) {
    this.form = form;
    this.reset();
    form.addEventListener("input", (event) => event.target.matches("[data-autosave]") && this.later(PAUSE_MS));
    form.addEventListener("submit", (event) => this.send(event));
    document.addEventListener("click", (event) => this.leave(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.putAway());
    addEventListener("pagehide", () => this.putAway());
    addEventListener("pageshow", (event) => event.persisted && this.reset());
    addEventListener("online", () => this.changes && this.later(0));
  }

  reset() {
    clearTimeout(this.timer);
    this.changes = 0;
    this.underWay = null; // the draft that the server has not answered yet
    this.next = null; // what waits for it: the form or a link
    this.gone = false;
  }

  later(milliseconds) {
    if (milliseconds === PAUSE_MS) this.changes += 1;
    clearTimeout(this.timer);
    if (!this.gone) this.timer = setTimeout(() => this.save(), milliseconds);
  }

  save(more) {
    if (this.underWay) return this.later(PAUSE_MS / 2);
    clearTimeout(this.timer);
    const mine = this.post(more).finally(() => {
      if (this.underWay === mine) this.underWay = null;
    });
    this.underWay = mine;
    return mine;
  }

  // The form goes: at once, or when the draft under way is answered.
  send(event) {
    if (event.defaultPrevented) return;
    clearTimeout(this.timer);
    if (!this.underWay) {
      this.gone = true;
      return;
    }
    event.preventDefault();
    const { submitter } = event;
    this.afterwards(() => this.form.requestSubmit(submitter));
  }

  // A link out of the page: what is typed is kept first.
  leave(event) {
    const link = leaving(event);
    if (!link || this.gone || !(this.changes || this.underWay)) return;
    event.preventDefault();
    this.afterwards(async () => {
      if (this.changes) await Promise.race([this.save(), this.patience()]);
      this.gone = true;
      location.assign(link.href);
    });
  }

  // Whatever is pressed last goes first thing when the draft is answered; nobody waits for ever.
  async afterwards(go) {
    const waits = this.next !== null;
    this.next = go;
    if (waits) return;
    await Promise.race([this.underWay, this.patience()]);
    this.request?.abort();
    this.underWay = null;
    const last = this.next;
    this.next = null;
    last();
  }

  patience() {
    return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  }

  // The page goes out of sight and perhaps for good: no pause, and the browser sees it through.
  putAway() {
    if (this.changes && !this.gone && !this.underWay) this.save({ keepalive: true });
  }

  async post(more) {
    const upTo = this.changes;
    this.request = new AbortController();
    tell(this.form, "saving", words.saving);
    try {
      const response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        body: draftOf(this.form),
        headers: { "X-Requested-With": "autosave", "HX-Request": "true" },
        signal: this.request.signal,
        ...more,
      });
      await this.answer(response, upTo);
    } catch (error) {
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
