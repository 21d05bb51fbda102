/** Cases to decide, one below the other: answers go out at once, by button or key, and each can be taken back. */

import { changeHeaders } from "./panel.js";

/** @typedef {{ text: string, undo?: Record<string, number>, error?: { message: string } }} Reply */

const words = /** @type {DOMStringMap} */ (document.getElementById("cases-words")?.dataset ?? {});
/** What can be undone, the last one last. @type {HTMLButtonElement[]} */
const undoable = [];

/** @returns {HTMLElement[]} the cases that wait for an answer */
function waiting() {
  return Array.from(document.querySelectorAll("#cases .case:not(.case-done)"));
}

/** @returns {HTMLElement | undefined} */
function current() {
  const focused = document.activeElement?.closest(".case:not(.case-done)");
  return /** @type {HTMLElement | undefined} */ (focused ?? document.querySelector(".case-current") ?? waiting()[0]);
}

/** @param {HTMLElement | undefined} chosen */
function choose(chosen) {
  for (const other of document.querySelectorAll(".case-current")) other.classList.remove("case-current");
  if (!chosen) return;
  chosen.classList.add("case-current");
  chosen.focus({ preventScroll: true });
  chosen.scrollIntoView({ block: "nearest" });
}

/**
 * Send a change; the server's sentence is thrown when it refuses.
 * @param {string} address
 * @param {FormData} form
 * @returns {Promise<Reply>}
 */
async function send(address, form) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(address, { method: "POST", body: form, headers: changeHeaders() });
  } catch {
    throw new Error(words.failed);
  }
  const reply = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(reply.error?.message ?? words.failed);
  return reply;
}

/**
 * @param {HTMLElement} box
 * @param {unknown} error
 */
function complain(box, error) {
  box.querySelector(".case-trouble")?.remove();
  const line = document.createElement("p");
  line.className = "case-trouble text-danger";
  line.setAttribute("role", "alert");
  line.textContent = error instanceof Error ? error.message : String(error);
  box.append(line);
}

/**
 * @param {HTMLElement} box
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 */
async function answer(box, form, button) {
  if (box.classList.contains("case-busy")) return;
  box.classList.add("case-busy");
  const content = new FormData(form);
  content.set(button.name, button.value);
  try {
    const reply = await send(form.action, content);
    const index = waiting().indexOf(box);
    fold(box, reply);
    choose(waiting()[index] ?? waiting()[index - 1]);
  } catch (error) {
    complain(box, error);
  } finally {
    box.classList.remove("case-busy");
  }
}

/**
 * Fold a case that is decided into one line with an undo button.
 * @param {HTMLElement} box
 * @param {Reply} reply
 */
function fold(box, reply) {
  box.querySelector(".case-trouble")?.remove();
  box.classList.add("case-done");
  const line = document.createElement("p");
  line.className = "case-line";
  line.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = `↶ ${words.undo}`;
  button.addEventListener("click", () => undo(box, line, button, reply.undo ?? {}));
  line.append(`${box.getAttribute("aria-label")}: ${reply.text} `, button);
  box.append(line);
  undoable.push(button);
}

/**
 * @param {HTMLElement} box
 * @param {HTMLElement} line
 * @param {HTMLButtonElement} button
 * @param {Record<string, number>} what
 */
async function undo(box, line, button, what) {
  button.disabled = true;
  const content = new FormData();
  for (const [name, value] of Object.entries(what)) content.set(name, String(value));
  try {
    await send(words.undoUrl ?? "", content);
    undoable.splice(undoable.indexOf(button), 1);
    line.remove();
    box.classList.remove("case-done");
    choose(box);
  } catch (error) {
    button.disabled = false;
    complain(line, error);
  }
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const box = /** @type {HTMLElement | null} */ (form.closest(".case"));
  if (!box || !(event.submitter instanceof HTMLButtonElement)) return;
  event.preventDefault();
  answer(box, form, event.submitter);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, select, textarea")) return;
  const step = { KeyJ: 1, KeyK: -1 }[event.code];
  const key = /^(?:Digit|Numpad)([123])$/.exec(event.code)?.[1];
  if (step) {
    const all = waiting();
    const now = document.querySelector(".case-current") ? all.indexOf(/** @type {HTMLElement} */ (current())) : -1;
    choose(all[Math.max(0, Math.min(all.length - 1, now + step))]);
  } else if (event.code === "KeyU") {
    undoable.at(-1)?.click();
  } else if (key && !event.repeat) {
    const button = /** @type {HTMLButtonElement | null} */ (current()?.querySelector(`[data-key="${key}"]`) ?? null);
    button?.click();
  } else {
    return;
  }
  event.preventDefault();
}

/**
 * Let the published version read what it has not read, some at a time; then show what it contradicts.
 * @param {HTMLElement} box
 * @param {HTMLButtonElement} button
 */
async function readAll(box, button) {
  const bar = /** @type {HTMLProgressElement} */ (box.querySelector("progress"));
  button.disabled = true;
  bar.hidden = false;
  try {
    for (;;) {
      const reply = /** @type {{ read: number, left: number }} */ (
        /** @type {unknown} */ (await send(box.dataset.url ?? "", new FormData()))
      );
      bar.value = Number(box.dataset.unread) - reply.left;
      if (reply.left === 0 || reply.read === 0) return location.reload();
    }
  } catch (error) {
    button.disabled = false;
    complain(box, error);
  }
}

const reading = document.getElementById("reading");
const read = /** @type {HTMLButtonElement | null} */ (document.getElementById("read"));
if (reading && read) read.addEventListener("click", () => readAll(reading, read));
document.addEventListener("submit", submitted);
document.addEventListener("keydown", pressed);
