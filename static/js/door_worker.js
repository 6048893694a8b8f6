// Serves the door's page and what it is made of while there is no network. It keeps no data of guests: the page does.

const CACHE = "matchhub-door";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page says what it is made of, once it is open.
self.addEventListener("message", (event) => {
  const { keep, parts } = event.data ?? {};
  if (!keep) return;
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      const wanted = new Set([keep, ...parts].map((part) => new URL(part, self.location).href));
      for (const request of await cache.keys()) {
        const isOther = new URL(request.url).pathname.startsWith("/events/");
        if (!wanted.has(request.url) && !isOther) await cache.delete(request);
      }
      await Promise.all([...wanted].map((part) => cache.add(part).catch(() => {})));
      event.source?.postMessage({ kept: true });
    }),
  );
});

async function page(request) {
  const cache = await caches.open(CACHE);
  const place = new URL(request.url).pathname;
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(6000) });
    if (answer.ok && !answer.redirected) await cache.put(place, answer.clone());
    else if (answer.redirected || [401, 403, 404].includes(answer.status)) await cache.delete(place);
    return answer;
  } catch (error) {
    const kept = await cache.match(place);
    if (kept) return kept;
    throw error;
  }
}

async function part(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  return fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (pathname.includes("/static/")) event.respondWith(part(request));
});
