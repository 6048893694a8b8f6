// Finding one choice among many: what is typed hides the groups and chips that do not hold it. Nothing typed is sent, and
// what is ticked stays ticked, hidden or not.

const normal = (text) => text.normalize("NFKC").trim().toLowerCase();

class Finder {
  constructor(box) {
    this.box = box;
    this.picker = box.closest(".two-level");
    this.input = box.querySelector("input");
    this.status = box.querySelector("[role=status]");
    this.groups = [...this.picker.querySelectorAll("[data-group]")];
    this.rest = this.picker.querySelector(".two-level-rest");
    this.before = null;
    box.hidden = false;
    this.input.addEventListener("input", (event) => {
      event.stopPropagation();
      this.find(normal(this.input.value));
    });
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    this.picker.addEventListener("change", () => this.count());
  }

  find(word) {
    if (!word) return this.restore();
    this.before ??= new Map([...this.picker.querySelectorAll("details")].map((part) => [part, part.open]));
    const found = this.groups.filter((group) => this.narrow(group, word));
    if (this.rest) {
      this.rest.hidden = !found.some((group) => this.rest.contains(group));
      this.rest.open = true;
    }
    this.status.textContent = found.length ? "" : this.status.dataset.none;
  }

  narrow(group, word) {
    const whole = normal(group.querySelector("summary > span").textContent).includes(word);
    let any = whole;
    for (const chip of group.querySelectorAll(".chip")) {
      const fits = whole || normal(chip.textContent).includes(word);
      chip.hidden = !fits;
      any ||= fits;
    }
    group.hidden = !any;
    group.open = any;
    return any;
  }

  restore() {
    this.picker.querySelectorAll("[hidden]").forEach((part) => (part.hidden = false));
    this.before?.forEach((open, part) => (part.open = open || part.querySelector(":checked") !== null));
    this.before = null;
    this.status.textContent = "";
  }

  // The numbers beside the headings follow what is ticked.
  count() {
    for (const part of this.picker.querySelectorAll("details")) {
      const badge = part.querySelector(":scope > summary > .count");
      if (badge) badge.lastChild.textContent = String(part.querySelectorAll(":checked").length);
    }
  }
}

document.querySelectorAll("[data-two-level-find]").forEach((box) => new Finder(box));
