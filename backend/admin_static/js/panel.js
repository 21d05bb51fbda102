/** What every page of the panel shares: moments in the browser's own time, questions before what cannot be undone. */

const MOMENT = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

/**
 * Show the moments inside an element in the browser's time zone.
 * @param {ParentNode} part
 */
export function localise(part) {
  for (const time of part.querySelectorAll("time[datetime]")) {
    const moment = new Date(/** @type {HTMLTimeElement} */ (time).dateTime);
    if (!Number.isNaN(moment.getTime())) time.textContent = MOMENT.format(moment);
  }
}

/**
 * Ask before a form with `data-confirm` is sent.
 * @param {SubmitEvent} event
 */
function ask(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (event.submitter);
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}

/**
 * The headers that a change sent by `fetch` needs.
 * @returns {Record<string, string>}
 */
export function changeHeaders() {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  return { "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
}

localise(document);
document.addEventListener("submit", ask);
