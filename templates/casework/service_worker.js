// Keeps the shell of the log form, and the files it needs, for when there is no network. Nothing else is ever kept:
// no page about a person enters this cache. Takes: kept (JSON: shell, files, version).
const KEPT = {% autoescape off %}{{ kept }}{% endautoescape %};
const CACHE = `hiu-shell-${KEPT.version}`;
const LOG_FORM = /^\/casework\/(cases\/\d+\/contact|contact|log)\/$/;
const PATIENCE_MS = 8000;

async function keep() {
  const cache = await caches.open(CACHE);
  for (const url of [KEPT.shell, ...KEPT.files]) {
    const answer = await fetch(url, { cache: "reload", credentials: "same-origin" });
    // The sign-in page, or a hotel's page about its network, is not the shell.
    if (!answer.ok || answer.redirected) {
      throw new Error(`${url} answered ${answer.status}`);
    }
    await cache.put(url, answer);
  }
}

async function forgetOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("hiu-shell-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

const shell = () => caches.match(KEPT.shell);

/** The network first. A connection that hangs is none, for somebody who stands in a hallway and wants to write. */
function page(request) {
  const answer = fetch(request).catch(shell);
  if (!LOG_FORM.test(new URL(request.url).pathname)) {
    return answer;
  }
  const tooLong = new Promise((resolve) => setTimeout(() => resolve(shell()), PATIENCE_MS));
  return Promise.race([answer, tooLong]);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});
self.addEventListener("activate", (event) => event.waitUntil(forgetOlder()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (KEPT.files.includes(pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreSearch: true })));
  }
});
