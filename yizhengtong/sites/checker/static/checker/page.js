// The page that checks a code on paper. What the code says stays in this browser.
"use strict";
import { Refused, read } from "./reading.js";
import { opened, valueAt } from "./lists.js";
import { keepAll, known, tokenOf } from "./keeping.js";

const find = (name) => document.querySelector(`[data-part=${name}]`);
const settled = find("settled").dataset;
const language = document.documentElement.lang;
const words = new Map(
  [...document.querySelector("#words").content.querySelectorAll("[data-code]")].map((e) => [e.dataset.code, e.textContent]),
);
const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" });
const NOT_BELIEVED = new Set(["forged", "unknown_key", "unreadable", "elsewhere", "uncheckable", "no_crypto", "no_keys"]);

const worded = (name, value) => {
  if (value instanceof Date) return day.format(value);
  if (typeof value === "boolean") return words.get(`showing.${value ? "yes" : "no"}`);
  return words.get(`showing.${name}_${value}`) ?? String(value);
};

const row = (label, value) => {
  const line = document.createElement("div"), term = document.createElement("dt"), told = document.createElement("dd");
  term.textContent = label;
  told.textContent = value;
  line.append(term, told);
  return line;
};

const show = (outcome, content, asOf, isFresh) => {
  document.querySelectorAll("[data-outcome]").forEach((each) => { each.hidden = each.dataset.outcome !== outcome; });
  const isTold = content && !NOT_BELIEVED.has(outcome);
  const rows = find("rows");
  rows.hidden = !isTold;
  rows.replaceChildren(...(isTold ? [
    row(words.get("purpose"), words.get(`showing.purpose_${content.purpose}`) ?? content.purpose),
    ...content.values.map(([name, value]) => row(words.get(`showing.claim_${name}`), worded(name, value))),
    row(words.get("until"), moment.format(new Date(content.expires * 1000 - 1000))),
    ...(asOf ? [row(words.get("as_of"), moment.format(new Date(asOf * 1000)))] : []),
  ] : []));
  find("old").hidden = !isTold || isFresh;
  find("result").hidden = false;
  find("compare").hidden = !isTold;
  find("result").focus();
};

// What the list says of a place, and as of when.
const stateOf = async (status, snapshot) => {
  const token = await tokenOf(status.uri);
  const list = token && (await opened(token, `${settled.address}${status.uri}`, snapshot.status_keys).catch(() => null));
  const value = list ? valueAt(list, status.index) : null;
  const isOld = list?.expires <= Date.now() / 1000; // whoever keeps new lists away is told of all the same
  return { outcome: { 0: "good", 1: "ended", 2: "suspended" }[value] ?? "unknown_state", asOf: list?.asOf, isOld };
};

const check = async (text) => {
  if (!window.crypto?.subtle) return show("no_crypto");
  const snapshot = await known();
  if (!snapshot) return show("no_keys");
  try {
    const content = await read(text, snapshot.keys);
    const now = Date.now() / 1000;
    const { outcome, asOf, isOld } = content.status ? await stateOf(content.status, snapshot) : { outcome: "paper" };
    const dated = now < content.issued ? "early" : now >= content.expires ? "over" : outcome;
    return show(dated, content, asOf, snapshot.isFresh && navigator.onLine && !isOld);
  } catch (problem) {
    return show(problem instanceof Refused ? problem.reason : "unreadable");
  }
};

// The part that is signed of what was typed, scanned or opened; an address of somebody else's is not ours to check.
const asked = (text) => {
  const trimmed = text.trim(), cut = trimmed.indexOf("#");
  if (cut < 0) return trimmed;
  const before = trimmed.slice(0, cut);
  const isOurs = [location.origin, settled.address].some((origin) => before === `${origin}${location.pathname}`);
  return !before || isOurs ? trimmed.slice(cut + 1) : null;
};

const checkText = (text) => {
  const code = asked(text);
  return code === null ? show("elsewhere") : check(code);
};

const fromAddress = () => {
  if (location.hash.length < 2) return;
  const code = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search); // what it says is nobody's history
  check(code);
};

const scan = async (source) => {
  const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(source);
  return found?.rawValue;
};

const offerCamera = async () => {
  if (!("BarcodeDetector" in window)) return;
  if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return;
  const video = find("video");
  find("camera").hidden = false;
  find("start").addEventListener("click", async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const timer = window.setInterval(async () => {
      const text = await scan(video).catch(() => undefined);
      if (!text) return;
      window.clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      video.hidden = true;
      checkText(text);
    }, 300);
  });
  find("picture").addEventListener("change", async (event) => {
    const text = await scan(await createImageBitmap(event.target.files[0])).catch(() => undefined);
    if (text) checkText(text); else show("unreadable");
  });
};

const prepare = async () => {
  const snapshot = await known();
  const isKept = Boolean(snapshot?.isFresh) &&
    (await keepAll(settled.languages.split(" "), snapshot.lists).catch(() => false));
  find("kept").hidden = !isKept;
  find("offline").hidden = Boolean(snapshot?.isFresh);
  if (snapshot) find("offline-as-of").textContent = moment.format(new Date(snapshot.as_of));
  document.body.dataset.ready = isKept ? "kept" : "yes";
};

const size = new URLSearchParams(location.search).get("size"); // a page that was kept was kept in one size
if (size) document.documentElement.toggleAttribute("data-size", size === "large");
if (size === "large") document.documentElement.dataset.size = "large";
find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  checkText(new FormData(event.target).get("code"));
});
window.addEventListener("hashchange", fromAddress);
find("form").hidden = false;
fromAddress();
offerCamera();
prepare();
