// The seconds until the next code, and a screen that stays on. The page changes its code without it, too.
"use strict";
let left = 0;
const start = () => {
  const held = document.querySelector("[data-seconds]");
  const line = held && held.querySelector("[data-countdown]");
  if (!line) return;
  left = Number(held.dataset.seconds);
  line.hidden = false;
};
window.setInterval(() => {
  const shown = document.querySelector("[data-left]");
  if (!shown) return;
  left = Math.max(left - 1, 0);
  shown.textContent = String(left);
}, 1000);
document.addEventListener("htmx:afterSettle", start);
const stayOn = () => {
  if ("wakeLock" in navigator && document.visibilityState === "visible") navigator.wakeLock.request("screen").catch(() => {});
};
document.addEventListener("visibilitychange", stayOn);
start();
stayOn();
