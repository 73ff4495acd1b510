// What the checker keeps so that it works without a network: itself, the published keys, the status lists.
"use strict";
const KEPT = "yzt-checker-1", PAGE = "/check/paper", KNOWN = "/check/paper/known", MANY_LISTS = 50;
const LIST_TYPE = "application/statuslist+jwt";
const hasCache = "caches" in window;

const fresh = async (address, headers = {}, credentials = "omit") => {
  const answer = await fetch(address, { cache: "no-store", credentials, headers });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
};

const keep = async (name, answer) => {
  if (!hasCache) return;
  const cache = await caches.open(KEPT);
  await cache.put(name, answer.clone());
};

const kept = async (name) => (hasCache ? (await caches.open(KEPT)).match(name, { ignoreVary: true }) : undefined);

const newest = async (address, headers) => {
  const answer = await fresh(address, headers);
  await keep(address, answer);
  return answer;
};

// The published keys and where the lists are, newest if the network is there; `isFresh` says which.
export const known = async () => {
  try {
    return { ...(await (await newest(KNOWN)).json()), isFresh: true };
  } catch {
    const found = await kept(KNOWN);
    return found ? { ...(await found.json()), isFresh: false } : null;
  }
};

// The token of a list, newest if the network is there.
export const tokenOf = async (uri) => {
  try {
    return await (await newest(uri, { Accept: LIST_TYPE })).text();
  } catch {
    const found = await kept(uri);
    return found ? found.text() : null;
  }
};

// Keep the page in every language, what it is made of, and every list. Returns whether all of it is there.
export const keepAll = async (languages, lists) => {
  if (!hasCache || !("serviceWorker" in navigator)) return false;
  await navigator.serviceWorker.register("/check/worker.js", { scope: "/check/" });
  const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((each) => each.href || each.src);
  const modules = ["reading", "lists", "keeping"].map((name) => new URL(`${name}.js`, import.meta.url).href);
  const statics = [...parts, ...modules].map((address) => new URL(address).pathname);
  await Promise.all([
    fresh(PAGE, {}, "same-origin").then((answer) => keep(PAGE, answer)),
    ...languages.map((code) => newest(`${PAGE}?lang=${code}`)),
    ...statics.map((path) => newest(path)),
    ...lists.slice(0, MANY_LISTS).map((uri) => newest(uri, { Accept: LIST_TYPE })),
  ]);
  await navigator.serviceWorker.ready;
  return true;
};
