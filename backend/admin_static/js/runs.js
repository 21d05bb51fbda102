/**
 * The list of runs and the page of one, live: asked every two seconds while something runs and the page is looked at.
 * The server sends the parts that change; the browser's cache answers 304 when nothing has.
 */
import { draw } from "./charts.js";
import { localise } from "./panel.js";

const EVERY = 2000; // milliseconds
const AT_END = 30; // pixels from the end of the log within which it follows

/**
 * Put a part's new content in place, if it is another one.
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
export function replace(old, fresh) {
  if (old.dataset.html === fresh.innerHTML) return;
  const follows = old.scrollHeight - old.scrollTop - old.clientHeight < AT_END;
  old.dataset.html = fresh.innerHTML;
  old.innerHTML = fresh.innerHTML;
  old.toggleAttribute("data-active", fresh.hasAttribute("data-active"));
  localise(old);
  if (old.matches("pre") && follows) old.scrollTop = old.scrollHeight;
  const figure = old.closest("figure");
  if (figure) draw(figure);
}

/** @param {string} address @returns {Promise<DocumentFragment | null>} null when the server does not answer well */
async function fetchParts(address) {
  const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" }, cache: "no-cache" });
  if (answer.status === 401) window.location.reload(); // logged out meanwhile
  if (!answer.ok) return null;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content;
}

/** @param {HTMLElement} live the parts of one run */
async function refreshRun(live) {
  const parts = await fetchParts(live.dataset.address ?? "");
  for (const fresh of parts?.querySelectorAll("[data-live]") ?? []) {
    const name = /** @type {HTMLElement} */ (fresh).dataset.live;
    const old = live.querySelector(`[data-live="${name}"]`);
    if (old) replace(/** @type {HTMLElement} */ (old), /** @type {HTMLElement} */ (fresh));
  }
  const active = live.querySelector("[data-active]") !== null;
  for (const form of live.querySelectorAll("[data-while-active]")) /** @type {HTMLElement} */ (form).hidden = !active;
  return active || !parts;
}

/** @param {HTMLElement} rows the body of the list's table */
async function refreshList(rows) {
  const parts = await fetchParts(rows.dataset.address ?? "");
  if (!parts) return true;
  const body = document.createElement("tbody");
  body.append(parts);
  replace(rows, body);
  return true;
}

/**
 * Look again and again, only while the page is seen; one question at a time.
 * @param {() => Promise<boolean>} refresh tells whether to go on
 */
function watch(refresh) {
  let timer = 0;
  let asking = false;
  const look = async () => {
    if (document.hidden || asking) return;
    asking = true;
    const more = await refresh().catch(() => true); // the server may be away for a moment
    asking = false;
    clearTimeout(timer);
    if (more) timer = window.setTimeout(look, EVERY);
  };
  document.addEventListener("visibilitychange", look);
  timer = window.setTimeout(look, EVERY);
}

const live = document.getElementById("live");
const rows = document.getElementById("rows");
const log = document.querySelector("pre.log");
if (log) log.scrollTop = log.scrollHeight;
if (live?.querySelector("[data-active]")) watch(() => refreshRun(live));
if (rows) watch(() => refreshList(rows));
