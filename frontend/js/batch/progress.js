/** How far the batch is: a bar, a line, and what can be done about it. */
import { element } from "../dom.js";
import { currentLanguage, t } from "../i18n.js";

const MINUTE = 60_000; // milliseconds

/** @typedef {{onPause: () => void, onResume: () => void, onStop: () => void, onRest: () => void}} Actions */

export class BatchProgress {
  #bar = element("progress", { max: 1, value: 0 });
  #line = element("p", { className: "progress-line" });
  #pause = element("button", { type: "button", className: "pause" });
  #stop = element("button", { type: "button", className: "stop" });
  #rest = element("button", { type: "button", className: "rest" });

  /** @param {HTMLElement} place @param {Actions} actions */
  constructor(place, actions) {
    const buttons = element("div", { className: "buttons" }, this.#pause, this.#stop, this.#rest);
    place.replaceChildren(this.#bar, this.#line, buttons);
    this.#stop.onclick = actions.onStop;
    this.#rest.onclick = actions.onRest;
    this.#pause.onclick = () => (this.paused ? actions.onResume() : actions.onPause());
  }

  /** What was counted, for those who do not see it. */
  counted = "";

  paused = false;

  /** @param {import("./batch.js").Batch} batch */
  show({ counts, work, ready, awaited }) {
    const { all, done, skipped } = counts;
    const counted = sentences(counts);
    this.counted = counted.join(", ");
    this.paused = work.paused && ready;
    this.#bar.value = all ? done / all : 0;
    this.#bar.setAttribute("aria-label", t("batch_progress"));
    const state = ready ? this.#state(work, skipped) : work.busy ? waitingFor(awaited) : "";
    const parts = [...counted, state].filter(Boolean).map((part) => element("span", {}, part));
    this.#line.replaceChildren(...parts.flatMap((part) => [part, " "]));
    this.#pause.textContent = t(this.paused ? "batch_resume" : "batch_pause");
    this.#stop.textContent = t("batch_stop");
    this.#rest.textContent = t("batch_rest", { skipped });
    this.#pause.hidden = !work.busy || !ready;
    this.#stop.hidden = !work.busy;
    this.#rest.hidden = work.busy || !skipped;
  }

  /** @param {import("./work.js").Work} work @param {number} skipped */
  #state(work, skipped) {
    if (this.paused) return t("batch_paused");
    if (!work.busy) return skipped ? t("batch_stopped", { skipped }) : t("batch_all_read");
    return work.left === null ? "" : timeLeft(work.left);
  }
}

/**
 * How many were read, and of the others how many not: what was not read is neither read nor doubtful.
 *
 * @param {import("./batch.js").Batch["counts"]} counts
 */
function sentences({ all, read, doubtful, unreadable }) {
  const failed = unreadable ? [t("batch_unreadable_count", { unreadable })] : [];
  return [t("batch_read", { read, all }), t("batch_doubtful_count", { doubtful }), ...failed];
}

/** @param {boolean} awaited */
function waitingFor(awaited) {
  return t(awaited ? "batch_waiting_reader" : "batch_no_reader");
}

/** @param {number} milliseconds */
function timeLeft(milliseconds) {
  if (milliseconds < MINUTE) return t("batch_left_seconds");
  const format = new Intl.NumberFormat(currentLanguage(), { style: "unit", unit: "minute", unitDisplay: "short" });
  return t("batch_left", { minutes: format.format(Math.ceil(milliseconds / MINUTE)) });
}
