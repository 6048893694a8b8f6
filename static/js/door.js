// The door: scans, finds, registers; asks the server first, and its own list where there is no network.

import { Camera, readPhoto } from "./door_camera.js";
import { DoorStore, hashOf } from "./door_store.js";

const PATIENCE_MS = 4000;
const SYNC_EVERY_MS = 15000;
const SAME_CODE_MS = 5000;
const AT_ONCE = 50;
const ICONS = { green: "circle-check", amber: "alert-triangle", red: "circle-x", grey: "scan" };
const TUNES = { green: [880, 0.12], amber: [440, 0.3], red: [220, 0.5] };

const box = document.getElementById("door");
const words = document.getElementById("door-words").dataset;
const entries = { ...JSON.parse(words.entries), taken_back: { words: words.undone, tone: "grey" } };
const token = document.querySelector('meta[name="csrf-token"]')?.content;
const store = new DoorStore(box.dataset.event, Number(box.dataset.until));
const result = document.getElementById("door-result");
const undoPlace = box.querySelector("[data-undo-place]");
const nameField = document.getElementById("door-name");
const sound = document.getElementById("door-sound");
let isOffline = !navigator.onLine;
let isSignedOut = false;
let uploading = null;
let last = { code: "", at: 0 };

const clock = new Intl.DateTimeFormat("zh-CN", {
  hour: "2-digit", minute: "2-digit", hour12: false, timeZone: box.dataset.zone,
});
const timeOf = (seconds) => clock.format(new Date(seconds * 1000));
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// ---- what is shown

function show(entry, { name = "", note = "", undo = null } = {}) {
  const { words: word, tone } = entries[entry] ?? { words: entry, tone: "red" };
  result.dataset.tone = tone;
  const use = result.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#icon-${ICONS[tone]}`));
  result.querySelector("[data-part=word]").textContent = word;
  result.querySelector("[data-part=name]").textContent = name;
  result.querySelector("[data-part=note]").textContent = note;
  undoPlace.replaceChildren(...(undo ? [undo] : []));
  if (sound.checked) sing(tone);
}

function sing(tone) {
  navigator.vibrate?.(tone === "green" ? 80 : [120, 60, 120]);
  const [pitch, seconds] = TUNES[tone] ?? TUNES.red;
  const audio = new AudioContext();
  const voice = audio.createOscillator();
  voice.frequency.value = pitch;
  voice.connect(audio.destination);
  voice.start();
  voice.stop(audio.currentTime + seconds);
  voice.onended = () => audio.close();
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.dataset.tone = "secondary";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function tellNet() {
  const line = document.getElementById("door-net");
  const count = store.queue.length;
  let text = words.online;
  if (isSignedOut) text = say(words.signin, { count });
  else if (isOffline) text = say(words.offline, { count });
  else if (count) text = say(words.waiting, { count });
  line.dataset.tone = isOffline || isSignedOut ? "amber" : "green";
  const span = line.querySelector("span");
  if (span.textContent !== text) span.textContent = text;
}

function tellCounts({ arrived, expected, roles }) {
  box.querySelector("[data-part=arrived]").textContent = arrived;
  if (expected !== undefined) box.querySelector("[data-part=expected]").textContent = expected;
  const lines = roles?.map((role) => {
    const line = document.createElement("li");
    for (const text of [role.label, `${role.arrived} / ${role.expected}`]) {
      line.append(Object.assign(document.createElement("span"), { textContent: text }));
    }
    return line;
  });
  if (lines?.length) document.getElementById("door-roles").replaceChildren(...lines);
}

function tellLatest({ name, role, at, undo_url: undoUrl }) {
  const list = document.getElementById("door-latest");
  const line = document.createElement("li");
  const who = Object.assign(document.createElement("span"), { textContent: [name, role].filter(Boolean).join(" · ") });
  const when = Object.assign(document.createElement("span"), { className: "faint" });
  when.textContent = `${timeOf(at)} ${nameField.value.trim()}`;
  line.append(who, when);
  if (undoUrl) line.append(undoForm(undoUrl));
  list.querySelector("[data-none]")?.remove();
  list.prepend(line);
}

// ---- the server

async function ask(url, body) {
  const headers = { Accept: "application/json", "X-CSRFToken": token ?? "" };
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, {
      method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    isOffline = true;
    return null;
  }
  isOffline = false;
  isSignedOut = answer.redirected || [400, 401].includes(answer.status);
  if ([403, 404].includes(answer.status) || answer.redirected) store.wipe();
  return answer.ok && !answer.redirected ? answer.json() : { refused: answer.status };
}

async function refresh() {
  const fresh = await ask(box.dataset.list);
  if (fresh?.guests) {
    store.keep(fresh);
    tellCounts(fresh);
  }
  tellNet();
}

function upload() {
  uploading ??= uploadAll().finally(() => { uploading = null; tellNet(); });
  return uploading;
}

async function uploadAll() {
  while (store.queue.length) {
    const sent = store.queue.slice(0, AT_ONCE);
    const said = await ask(box.dataset.upload, { entries: sent });
    if (!said?.answers) return;
    store.drop(new Set(sent.map((entry) => entry.ref)));
    said.answers.filter((answer) => answer.entry !== "in").forEach(tellConflict);
    said.answers.filter((answer) => answer.entry === "in").forEach(tellLatest);
    tellCounts(said);
  }
}

function tellConflict({ name, entry, note }) {
  const line = document.createElement("li");
  line.textContent = say(words.conflict, { name, word: entries[entry].words, note });
  document.getElementById("door-conflicts").append(line);
}

// ---- somebody comes

async function arrive(entry) {
  Object.assign(entry, { ref: entry.ref ?? crypto.randomUUID(), at: Math.floor(Date.now() / 1000), door: nameField.value.trim() });
  const said = isOffline ? null : await ask(box.dataset.upload, { entries: [entry] }); // the next sync asks again
  if (said?.answers) tellAnswer(entry, said);
  else if (said) show("unknown", { note: words.failed });
  else arriveOffline(entry);
  tellNet();
}

function tellAnswer(entry, said) {
  const [answer] = said.answers;
  store.mark(store.find({ id: answer.id }), { at: answer.at, door: entry.door });
  tellCounts(said);
  const note = [answer.role, answer.note].filter(Boolean).join(" · ");
  const undo = answer.undo_url ? undoForm(answer.undo_url) : null;
  if (answer.entry === "in") tellLatest(answer);
  show(answer.entry, { name: answer.name, note, undo });
}

function undoForm(url) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  for (const [name, value] of Object.entries({ csrf_token: token ?? "", door: nameField.value })) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  const press = button(words.takeback, () => {});
  press.type = "submit";
  form.append(press);
  return form;
}

function arriveOffline(entry) {
  if (entry.way === "walk_in") return keep(entry, entry.name, "");
  if (!store.list) return show("unknown", { note: words.nolist });
  const guest = store.find(entry);
  if (!guest) return show("unknown", { note: say(words.stale, { time: timeOf(store.list.madeAt) }) });
  const name = guest.tail ? `${guest.name} ${words.tail} ${guest.tail}` : guest.name;
  if (guest.at) return show("again", { name, note: `${timeOf(guest.at)} ${guest.door}` });
  return keep(entry, name, guest.role);
}

function keep(entry, name, role) {
  store.add(entry);
  tellCounts({ arrived: store.arrived() });
  const takeBack = () => {
    store.drop(new Set([entry.ref]));
    store.mark(store.find(entry), null);
    store.drop(new Set());
    tellCounts({ arrived: store.arrived() });
    show("taken_back", { name });
    tellNet();
  };
  show("in", { name, note: [role, words.kept].filter(Boolean).join(" "), undo: button(words.takeback, takeBack) });
}

async function scanned(code) {
  if (code === last.code && Date.now() - last.at < SAME_CODE_MS) return;
  last = { code, at: Date.now() };
  await arrive({ way: "scan", hash: await hashOf(code) });
  last.at = Date.now();
}

// ---- forms; without this script they post

function take(form, act) {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    act(new FormData(form), form);
  });
}

if (window.crypto?.subtle) {
  take(document.getElementById("door-code"), (data, form) => {
    const code = data.get("code").trim();
    if (code) scanned(code);
    form.reset();
  });
}

if (window.isSecureContext) {
  const walkIn = document.getElementById("door-walk-in");
  walkIn.addEventListener("submit", (event) => {
    const data = Object.fromEntries(new FormData(walkIn));
    const number = data.mobile.replace(/[\s-]/g, "");
    if (!data.name.trim() || !data.role || (number && !/^\+?\d{7,15}$/.test(number))) return; // the server says what is missing
    event.preventDefault();
    const { name, organization_name, role } = data;
    arrive({ way: "walk_in", name: name.trim(), organization_name: organization_name.trim(), mobile: number, role });
    walkIn.reset();
  });
  box.querySelectorAll("#door-found form[action$='/check-ins']").forEach((form) =>
    take(form, (data) => {
      arrive({ way: data.get("way"), id: Number(data.get("registration_id")) });
      form.replaceWith(words.here);
    }),
  );
}

const search = document.getElementById("door-search");
search.addEventListener("submit", (event) => {
  if (!isOffline) return;
  event.preventDefault();
  findHere(new FormData(search).get("q"));
});

function findHere(text) {
  const found = store.search(text);
  const way = /^\d{4}$/.test(text.trim()) ? "phone" : "name";
  const lines = found.map((guest) => {
    const line = document.createElement("li");
    const who = document.createElement("span");
    who.textContent = `${guest.name} · ${guest.role}${guest.tail ? ` · ${words.tail} ${guest.tail}` : ""}`;
    line.append(who);
    if (guest.at) line.append(` ${words.here} ${timeOf(guest.at)} ${guest.door}`);
    else line.append(button(words.checkin, () => { arrive({ way, id: guest.id }); line.remove(); }));
    return line;
  });
  if (!lines.length) lines.push(Object.assign(document.createElement("li"), { textContent: words.none }));
  document.getElementById("door-found").replaceChildren(...lines);
}

// ---- camera, photo, this door's name

const cameraButton = document.getElementById("door-camera");
const camera = new Camera(document.getElementById("door-video"), scanned);

cameraButton.addEventListener("click", async () => {
  const opens = !camera.stream;
  try {
    if (opens) await camera.open();
    else camera.close();
  } catch {
    camera.close();
    show("unknown", { note: words.nocamera });
  }
  cameraButton.setAttribute("aria-pressed", String(Boolean(camera.stream)));
  cameraButton.querySelector("span").textContent = camera.stream ? words.close : words.open;
});

document.getElementById("door-photo").addEventListener("change", async ({ target }) => {
  const code = target.files[0] ? await readPhoto(target.files[0]) : "";
  target.value = "";
  if (code) await scanned(code);
  else show("unknown", { note: words.nocode });
});

function nameDoor() {
  localStorage.setItem("matchhub-door:name", nameField.value.trim());
  document.querySelectorAll("[data-door]").forEach((field) => { field.value = nameField.value.trim(); });
}
nameField.value ||= localStorage.getItem("matchhub-door:name") ?? "";
nameField.addEventListener("input", nameDoor);
document.getElementById("door-name-form").addEventListener("submit", (event) => event.preventDefault());
sound.checked = localStorage.getItem("matchhub-door:sound") === "1";
sound.addEventListener("change", () => localStorage.setItem("matchhub-door:sound", sound.checked ? "1" : ""));
document.getElementById("door-wipe").addEventListener("click", () => {
  store.wipe();
  tellNet();
});

// ---- without network

async function keepPage() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  try {
    await navigator.serviceWorker.register(box.dataset.worker, { scope: box.dataset.page });
    const { active } = await navigator.serviceWorker.ready;
    navigator.serviceWorker.addEventListener("message", ({ data }) => { if (data.kept) box.dataset.kept = "true"; });
    const parts = performance.getEntriesByType("resource").map((entry) => entry.name);
    active.postMessage({ keep: box.dataset.page, parts: parts.filter((part) => part.includes("/static/")) });
  } catch {
    // a browser that forbids it still scans as long as the page stays open
  }
}

async function sync() {
  DoorStore.wipeOld();
  await upload();
  await refresh();
}

box.querySelectorAll(".only-scripted").forEach((part) => { part.hidden = false; });
document.getElementById("door-insecure").hidden = Camera.possible;
cameraButton.hidden = !Camera.possible;
nameDoor();
tellNet();
addEventListener("online", sync);
addEventListener("offline", () => { isOffline = true; tellNet(); });
await sync();
if (isOffline && new URLSearchParams(location.search).get("q")) findHere(new URLSearchParams(location.search).get("q"));
if (store.list && isOffline) tellCounts({ arrived: store.arrived() });
if (!isOffline) await keepPage();
setInterval(sync, SYNC_EVERY_MS);
