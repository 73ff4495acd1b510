// Answers for the checker when there is no network: what the page has put into its cache, and nothing else.
"use strict";
const KEPT = "yzt-checker-1";
const PAGE = "/check/paper";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const nameOf = (url) => {
  const language = url.searchParams.get("lang");
  return url.pathname === PAGE && language ? `${PAGE}?lang=${language}` : url.pathname;
};

const kept = async (url) => {
  const cache = await caches.open(KEPT);
  return (await cache.match(nameOf(url), { ignoreVary: true })) || cache.match(url.pathname, { ignoreVary: true });
};

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const isOurs = url.origin === self.location.origin && (url.pathname === PAGE || url.pathname.startsWith("/static/"));
  if (event.request.method !== "GET" || !isOurs) return;
  event.respondWith(
    fetch(event.request).catch(async (error) => {
      const found = await kept(url);
      if (found) return found;
      throw error;
    }),
  );
});
