/**
 * Corrections on their way to the server: they wait in the store until it has answered that it has them.
 *
 * Each has a key of its own, under which the server keeps it once, so a sending whose answer was lost is repeated
 * without harm. Only one tab sends at a time (Web Locks), and tells the others what became of it. Without consent nothing is sent, nor kept to be sent.
 */
import { consent, onConsent } from "./consent.js";
import { listOutgoing, newId, putOutgoing, removeOutgoing } from "./store.js";

/**
 * @typedef {object} Correction
 * @property {Blob} picture the part around the display
 * @property {import("./reader.js").Box | null} box of the display, in pixels of `picture`
 * @property {string} value what a person says the display shows, such as "412.7"
 * @property {string} [reading] what `version` had read; not where something else than a version has
 * @property {number} [confidence] of that, 0 to 1
 * @property {string} version such as "compact/2"
 * @property {string} [of] what is corrected, so that its corrections can be taken back
 *
 * @typedef {Correction & {id: string, time: number}} Item
 * @typedef {"sent" | "waiting" | "absent" | "refused"} Outcome "absent": nobody takes corrections here; "refused": this
 *   one is not taken, and never will be
 * @typedef {"no" | "perhaps" | "yes"} Left whether it left the device with this try; perhaps, where no answer came
 * @typedef {{outcome: Outcome, left: Left, message?: string, after?: number}} Answer `after`: milliseconds that the server
 *   asks for
 * @typedef {{id: string, outcome: Outcome, left: Left, message?: string}} News of one correction
 */

const ADDRESS = "/api/feedback";
const LOCK = "feedback";
const CHANNEL = "feedback"; // what became of corrections, between tabs
const ABSENT = "feedback-absent";
const FIRST_PAUSE = 5_000; // milliseconds until the next try, doubled each time
const LONGEST_PAUSE = 3_600_000;
const PATIENCE = 60_000; // milliseconds until an answer is given up
const NOBODY = [404, 405, 501]; // what static hosts answer to a POST
const NEVER = [400, 413, 415, 422]; // the server's words for what it will never take

let absent = false; // where the browser remembers nothing

export class Feedback {
  /** @type {Set<(news: News) => void>} */
  #listeners = new Set();
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
  /** @type {Promise<void> | null} */
  #running = null;
  #again = false;
  #pause = FIRST_PAUSE;
  #started = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    this.#channel?.addEventListener("message", ({ data }) => this.#hear(data));
  }

  /**
   * Sends what waits, and again whenever the network comes back or consent is given. Once begun it goes on.
   *
   * @param {Promise<unknown>} [ready] what is more urgent than pictures that can wait
   */
  start(ready = Promise.resolve()) {
    if (this.#started) return;
    this.#started = true;
    addEventListener("online", () => void this.flush());
    onConsent(() => void (consent() === "yes" ? this.flush() : this.forget()));
    const begin = () => void this.flush();
    ready.then(begin, begin);
  }

  /** @param {(news: News) => void} listener @returns {() => void} ends it */
  onNews(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Keeps a correction until it is sent, and begins to send; not where consent was withdrawn while it was made.
   *
   * @param {Correction} correction
   * @returns {Promise<string>} its id, once it is kept; empty where it is not
   * @throws {import("./store.js").StoreError}
   */
  async give(correction) {
    if (consent() !== "yes") return "";
    const id = newId();
    await putOutgoing({ ...correction, id, time: Date.now() });
    void this.flush();
    if (consent() === "yes") return id;
    await removeOutgoing(id);
    return "";
  }

  /** Takes back what has not been sent yet. @param {string} id */
  takeBack(id) {
    return removeOutgoing(id);
  }

  /** Takes back what has not been sent yet of the corrections of one thing. @param {string} of */
  async takeBackAll(of) {
    for (const item of await listOutgoing()) if (item.of === of) await removeOutgoing(item.id);
  }

  /** Takes back everything that has not been sent yet. */
  async forget() {
    clearTimeout(this.#timer);
    for (const { id } of await listOutgoing()) await removeOutgoing(id);
  }

  /**
   * Sends what waits, oldest first; one call at a time, and one tab.
   *
   * @returns {Promise<void>} fulfilled once all that waited at this call has been tried, also where another was running
   */
  flush() {
    clearTimeout(this.#timer);
    this.#again = this.#running !== null;
    this.#running ??= alone(() => this.#sendAll())
      .catch((error) => console.warn(error)) // the store does not work: nothing of it is lost
      .finally(() => {
        this.#running = null;
        return this.#again ? this.flush() : undefined;
      });
    return this.#running;
  }

  async #sendAll() {
    if (consent() !== "yes") return;
    const items = /** @type {Item[]} */ (await listOutgoing()).sort((a, b) => a.time - b.time);
    for (const [at, item] of items.entries()) {
      const isStill = (await listOutgoing()).some(({ id }) => id === item.id); // not taken back during another's upload
      if (consent() !== "yes") return;
      if (!isStill) continue;
      const { outcome, left, message, after } = await sendOnce(item);
      if (outcome === "sent" || outcome === "refused") await removeOutgoing(item.id);
      this.#tell({ id: item.id, outcome, left, message });
      if (outcome === "absent") continue; // the others are told so, too
      if (outcome === "waiting") {
        for (const { id } of items.slice(at + 1)) this.#tell({ id, outcome, left: "no" }); // they wait for this one
        return this.#plan(after);
      }
      this.#pause = FIRST_PAUSE;
    }
  }

  /** @param {News} news to all tabs: one sends, and another shows the card */
  #tell(news) {
    this.#hear(news);
    this.#channel?.postMessage(news);
  }

  /** @param {News} news */
  #hear(news) {
    for (const listener of this.#listeners) listener(news);
  }

  /** @param {number} [after] milliseconds that the server asks for */
  #plan(after = this.#pause) {
    this.#timer = setTimeout(() => void this.flush(), after);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}

/** Runs while no other tab of this page does; where the browser has no locks, the key alone keeps order. @param {() => Promise<void>} work */
async function alone(work) {
  await (navigator.locks ? navigator.locks.request(LOCK, work) : work());
}

/**
 * Sends it unless nobody takes corrections here: that is found out with one picture, not with one on each page.
 *
 * @param {Item} item
 * @returns {Promise<Answer>}
 */
async function sendOnce(item) {
  if (isAbsent()) return { outcome: "absent", left: "no" };
  const answer = await send(item);
  if (answer.outcome === "absent") rememberAbsence();
  return answer;
}

/** Whether it was answered since the tab was opened that nobody takes corrections here. */
export function isAbsent() {
  try {
    return absent || sessionStorage.getItem(ABSENT) !== null;
  } catch {
    return absent;
  }
}

function rememberAbsence() {
  absent = true;
  try {
    sessionStorage.setItem(ABSENT, "yes");
  } catch {
    // It is kept in `absent`, for this page.
  }
}

/** @param {Item} item @returns {Promise<Answer>} */
async function send(item) {
  const headers = { "Idempotency-Key": item.id };
  const signal = AbortSignal.timeout(PATIENCE);
  const left = navigator.onLine ? "perhaps" : "no";
  try {
    const response = await fetch(ADDRESS, { method: "POST", body: form(item), headers, signal });
    if (response.ok) return { outcome: "sent", left: "yes" };
    if (NOBODY.includes(response.status)) return { outcome: "absent", left: "yes" };
    const message = NEVER.includes(response.status) ? await sentenceIn(response) : null;
    if (message !== null) return { outcome: "refused", left: "yes", message };
    const seconds = Number(response.headers.get("Retry-After") ?? NaN);
    return { outcome: "waiting", left: "yes", after: seconds > 0 ? seconds * 1000 : undefined };
  } catch {
    return { outcome: "waiting", left }; // no network, or no answer in time
  }
}

/** As `/api/openapi.json` describes it. @param {Item} item */
function form({ picture, box, value, reading, confidence, version }) {
  const data = new FormData();
  data.set("picture", picture, "display.jpg");
  const read = reading === undefined || confidence === undefined ? {} : { reading, confidence: confidence.toFixed(6) };
  const fields = { value, ...read, version, consent: "yes" };
  for (const [name, text] of Object.entries(fields)) data.set(name, text);
  for (const [side, number] of Object.entries(box ?? {})) data.set(side, Number(number).toFixed(2));
  return data;
}

/** Our server's own sentence; null from a proxy, which knows nothing of corrections. @param {Response} response */
async function sentenceIn(response) {
  const answer = await response.json().catch(() => null);
  return typeof answer?.error?.message === "string" ? answer.error.message : null;
}
