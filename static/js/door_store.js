// What a phone at the door keeps: the protected list (hashes, masked names, last digits), and what it has yet to upload.
// The list goes when the event is over, when somebody signs out, or by a button; what is not uploaded yet stays.

const PREFIX = "matchhub-door:";
export const LIST = `${PREFIX}list:`;

function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export class DoorStore {
  constructor(event, until) {
    this.event = event;
    this.until = until;
    DoorStore.wipeOld();
    this.list = read(LIST + event, null);
    this.queue = read(`${PREFIX}queue:${event}`, []);
  }

  static wipeOld(now = Date.now() / 1000) {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(LIST) && !(read(key, {}).until > now)) localStorage.removeItem(key);
    }
  }

  // A fresh list; what waits to be uploaded counts as being in already.
  keep({ guests, made_at: madeAt }) {
    this.list = { until: this.until, madeAt, guests };
    for (const entry of this.queue) this.mark(this.find(entry), entry);
    this.#save();
  }

  wipe() {
    this.list = null;
    localStorage.removeItem(LIST + this.event);
  }

  find({ hash, id }) {
    const key = hash?.slice(0, 24);
    return this.list?.guests.find((guest) => (key ? guest.key === key : guest.id === id));
  }

  search(text) {
    const guests = this.list?.guests ?? [];
    const wanted = text.trim();
    if (/^\d{4}$/.test(wanted)) return guests.filter((guest) => guest.tail === wanted).slice(0, 20);
    const first = wanted[0]?.toLowerCase();
    return guests.filter((guest) => first && fits(guest.name, wanted)).slice(0, 20);
  }

  mark(guest, entry) {
    if (!guest) return;
    guest.at = entry?.at ?? null;
    guest.door = entry?.door ?? "";
  }

  add(entry) {
    this.queue.push(entry);
    this.mark(this.find(entry), entry);
    this.#save();
  }

  drop(refs) {
    this.queue = this.queue.filter((entry) => !refs.has(entry.ref));
    this.#save();
  }

  arrived() {
    const waiting = this.queue.filter((entry) => entry.way === "walk_in").length;
    return (this.list?.guests.filter((guest) => guest.at).length ?? 0) + waiting;
  }

  #save() {
    if (this.list) localStorage.setItem(LIST + this.event, JSON.stringify(this.list));
    localStorage.setItem(`${PREFIX}queue:${this.event}`, JSON.stringify(this.queue));
  }
}

// 王小丽 fits 王*丽, and so does 王; Smith fits A* S*.
function fits(masked, wanted) {
  const words = masked.split(" ").filter(Boolean);
  return wanted.split(/\s+/).every((part) => words.some((word) => fitsWord(word, part)));
}

function fitsWord(word, part) {
  const [first, last] = [word[0].toLowerCase(), word.at(-1).toLowerCase()];
  const typed = part.toLowerCase();
  return typed[0] === first && (last === "*" || typed.length < 3 || typed.at(-1) === last);
}

export async function hashOf(code) {
  const bytes = new TextEncoder().encode(code.replace(/[\s-]/g, "").toUpperCase());
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
