/** What the reading page's cards share: the meters, their readings, the corrections on their way. Loaded after the reader. */
import { onConsent } from "../consent.js";
import { learnedOf, readKnowing } from "../learn/known.js";
import { listMeters, listReadings, onStoreChange } from "../store.js";
import { ConsentLine } from "./consent_line.js";
import { verdictOf } from "./explain.js";
import { Keep } from "./keep.js";
import { outbox } from "./outbox.js";
import { propose } from "./propose.js";

/**
 * @typedef {import("../store.js").Meter} Meter
 * @typedef {import("../store.js").StoredReading} StoredReading
 * @typedef {import("../reader.js").Learned} Learned
 * @typedef {import("../reader.js").Reading} Reading
 */

const LAST = "meter"; // the meter used last
const ABSENT = "corrections-absent"; // whether it was said that nobody takes corrections here

export class Sense {
  /** Oldest first; null where nothing can be kept. @type {Meter[] | null} */
  meters = [];
  /** @type {Set<Keep>} */
  #keeps = new Set();
  /** @type {Map<string, Promise<StoredReading[]>>} by meter */
  #readings = new Map();
  /** @type {Map<string, Promise<Learned | null>>} by meter */
  #learned = new Map();
  #line;

  /** @param {HTMLElement} footer where consent can be withdrawn @param {(sentence: string) => void} announce */
  constructor(footer, announce) {
    this.announce = announce;
    this.#line = new ConsentLine(footer);
  }

  /** Looks into the store, sends what waits from the last time. @returns {Promise<Sense>} itself */
  async start() {
    await this.#load();
    onStoreChange(({ parts }) => void (parts.some((part) => part !== "outgoing") && this.#reload()));
    onConsent(() => void this.#keeps.forEach((keep) => void keep.answered()));
    outbox.start();
    return this;
  }

  /** @param {import("./keep.js").Card} card @returns {Keep} the part of a card that keeps its reading */
  join(card) {
    const keep = new Keep(this, card);
    this.#keeps.add(keep);
    return keep;
  }

  /** @param {Keep} keep of a card that is gone */
  leave(keep) {
    this.#keeps.delete(keep);
    keep.end();
  }

  /** A meter's readings, oldest first. @param {string} meterId @returns {Promise<StoredReading[]>} */
  readingsOf(meterId) {
    const known = this.#readings.get(meterId) ?? listReadings(meterId);
    this.#readings.set(meterId, known);
    return known;
  }

  /** What this device has learned about a meter. @param {string} meterId @returns {Promise<Learned | null>} */
  learnedOf(meterId) {
    const known = this.#learned.get(meterId) ?? learnedOf(meterId);
    this.#learned.set(meterId, known);
    return known;
  }

  /** The meter that a new picture is taken to show: the one used last. @returns {Meter | null} */
  get chosen() {
    return this.meters?.find(({ id }) => id === this.lastUsed) ?? null;
  }

  /** Whether a new picture may as well show another one: nobody has said which. */
  get supposed() {
    return (this.meters?.length ?? 0) > 1;
  }

  /**
   * Reads a frame of the camera with what was learned about the meter that its picture will be taken to show.
   *
   * @template {Reading} Seen
   * @param {(learned: Learned | null) => Promise<Seen>} read
   * @returns {Promise<{reading: Seen, verdict: import("../verdict.js").Verdict | null, meter: Meter | null}>} `verdict`:
   *   null where the frame alone counts
   */
  async glance(read) {
    const meter = this.chosen;
    const reading = await readKnowing(read, meter && (await this.learnedOf(meter.id)), this.supposed);
    if (!meter || reading.reason === "no_display") return { reading, verdict: null, meter };
    const [past, time] = [await this.readingsOf(meter.id).catch(() => []), Date.now()];
    const proposal = propose(meter, past, { reading, time, corrected: null });
    return { reading, verdict: verdictOf(meter, proposal, time, reading.learned), meter };
  }

  /** The id of the meter used last, empty for none. */
  get lastUsed() {
    return remembered(LAST) ?? "";
  }

  set lastUsed(id) {
    remember(LAST, id);
  }

  /** True the first time that it is asked, on this device: then it is to be said that nobody takes corrections. */
  get firstAbsence() {
    const first = remembered(ABSENT) === null;
    remember(ABSENT, "said");
    return first;
  }

  translate() {
    this.#line.render();
    for (const keep of this.#keeps) keep.translate();
  }

  async #reload() {
    await this.#load();
    await Promise.all([...this.#keeps].map((keep) => keep.refresh()));
  }

  async #load() {
    this.#readings.clear();
    this.#learned.clear();
    this.meters = await listMeters().catch(() => null);
  }
}

/** @param {string} name */
function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Nothing is remembered then.
  }
}
