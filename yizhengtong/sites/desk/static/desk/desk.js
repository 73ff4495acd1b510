// Comforts of the desk; every page works without them.
"use strict";
const queue = () => document.querySelector("[data-queue]");
// A list that somebody works in is not changed under their hands.
document.addEventListener("htmx:beforeRequest", (event) => {
  const list = event.target.closest("[data-queue]");
  if (list && event.target === list && (list.querySelector(":checked") || list.contains(document.activeElement))) event.preventDefault();
});
// j and k go through the rows, x chooses one: only while the list itself has the focus (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  const list = queue();
  if (!list || !list.contains(document.activeElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.activeElement.matches("input:not([type=checkbox]), select, textarea")) return;
  const links = [...list.querySelectorAll("[data-row-link]")];
  const row = document.activeElement.closest("[data-row]");
  const at = row ? links.indexOf(row.querySelector("[data-row-link]")) : -1;
  if (event.key === "j" && links[at + 1]) links[at + 1].focus();
  else if (event.key === "k" && at > 0) links[at - 1].focus();
  else if (event.key === "x" && row) row.querySelector("input[type=checkbox]").click();
  else return;
  event.preventDefault();
});
// The paper that was asked for is where one goes on.
document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "viewer") event.target.focus(); });
