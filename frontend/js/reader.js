/**
 * Reads meters in pictures, on this device: the public module, to be embedded by any page.
 *
 *     import { createReader } from "./js/reader.js";
 *     const reader = await createReader({ model: "/static/model/" });
 *     const reading = await reader.read(blobOrCanvas, { box: { x, y, width, height } });
 *     const found = await reader.readPhoto(blobOrCanvas); // finds the display, too
 *
 * The work is done in a worker; nothing is sent anywhere.
 */
import { isFaster, openEngine } from "./engine.js";
import { ReaderError } from "./errors.js";
import { FinderSupply } from "./finder_supply.js";
import { sendable } from "./sendable.js";
import { fetchVersion } from "./version.js";

export { ReaderError };

/**
 * @typedef {"wasm" | "webgl" | "webgpu"} BackendName
 * @typedef {{x: number, y: number, width: number, height: number}} Box in pixels of the upright picture
 * @typedef {Blob | HTMLCanvasElement | OffscreenCanvas | ImageBitmap | HTMLImageElement | HTMLVideoElement | ImageData} Source
 * @typedef {{milliseconds: number, backend: BackendName, model: string, version: string,
 *   stages: {decode: number, preprocess: number, network: number, find?: number}}} Circumstances
 * @typedef {{rows: number[][], learned: boolean}} Probabilities 11 rows of 10, calibrated: the decimal point's place, then
 *   the digits; `learned`: whether what this device has learned about the meter had a say
 * @typedef {import("./reading.js").Reading & Probabilities & Circumstances} Reading
 * @typedef {import("./quad.js").Corners} Corners the display's, in reading order of its text
 * @typedef {{corners: Corners | null, presence: number | null, quality: import("./frames.js").Quality}} Sight the outline
 *   that was read, null for the whole picture; how sure it is that a display was found; how well it is seen
 * @typedef {Reading & Sight} PhotoReading
 * @typedef {import("./learn/learner.js").Learned} Learned what this device has learned about one meter
 * @typedef {{stage: "download" | "check" | "ready", loaded: number, total: number}} Progress of the model, in bytes
 * @typedef {import("./golden.js").Verdict & {backend: BackendName}} Candidate
 * @typedef {"only" | "first" | "fast_enough" | "fastest"} ChoiceReason
 */

/** Under this many milliseconds (a frame of a 60 Hz screen) a faster backend would not be noticed. */
const FAST_ENOUGH = 16;
/** Other backends are tried when nothing was asked for so long, in milliseconds. */
const IDLE = 3000;

/** @type {BackendName[]} */
const BACKENDS = ["wasm", "webgl", "webgpu"];

/**
 * @param {object} [options]
 * @param {string | URL} [options.model] folder that holds current.json
 * @param {BackendName[]} [options.backends] candidates: the first that reproduces the golden outputs reads at once; the
 *   others are tried when idle, if there is something to win
 * @param {boolean} [options.photos] whether photos will be read: what finds displays in them is fetched right after the
 *   rest, instead of when it is first needed
 * @param {(progress: Progress) => void} [options.onProgress]
 * @param {() => void} [options.onBackend] called when `reader.choice` has changed
 * @returns {Promise<Reader>}
 * @throws {ReaderError} `download`, `broken`, `backend` or `worker`
 */
export async function createReader({
  model = "/static/model/",
  backends = BACKENDS,
  photos = false,
  onProgress,
  onBackend,
} = {}) {
  if (!backends.length) throw new ReaderError("backend", "Expected at least one backend, got none.");
  const root = new URL(String(model).replace(/\/*$/, "/"), document.baseURI).href;
  onProgress?.({ stage: "download", loaded: 0, total: 0 });
  let total = 0;
  const version = fetchVersion(root, (loaded, all) => {
    onProgress?.({ stage: loaded < all ? "download" : "check", loaded, total: (total = all) });
  });
  const reader = new Reader(version, backends, onBackend);
  await reader.open(photos);
  onProgress?.({ stage: "ready", loaded: total, total });
  return reader;
}

/** Made by `createReader`. */
export class Reader {
  /** @type {import("./engine.js").Engine | null} */
  #engine = null;
  #version;
  #backends;
  #onBackend;
  /** @type {import("./version.js").Card | undefined} */
  #card;
  /** The card's SHA-256. */
  #id = "";
  /** Drawn displays that come with the model. @type {{picture: Blob, box: Box | null, text: string}[]} */
  examples = [];
  /** @type {Candidate[]} */
  #candidates = [];
  /** @type {Candidate | undefined} */
  #chosen;
  /** @type {ChoiceReason} */
  #reason = "only";
  /** @type {FinderSupply | null} */
  #finder = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #closed = false;

  /**
   * @param {Promise<import("./version.js").Version>} version
   * @param {BackendName[]} backends
   * @param {() => void} [onBackend]
   */
  constructor(version, backends, onBackend) {
    this.#version = version;
    this.#backends = [...backends];
    this.#onBackend = onBackend;
  }

  /** The model's card. */
  get card() {
    if (!this.#card) throw new ReaderError("closed", "The reader is not open.");
    return this.#card;
  }

  /** The backend in use, why, and what each one tried has shown. */
  get choice() {
    if (!this.#chosen) throw new ReaderError("closed", "The reader is not open.");
    return { backend: this.#chosen.backend, reason: this.#reason, candidates: [...this.#candidates] };
  }

  /** Takes the first backend that can be trusted. @param {boolean} photos whether the finder is fetched at once */
  async open(photos) {
    let failure = null;
    this.#version.then(
      ({ finder }) => {
        this.#finder = finder && new FinderSupply(finder);
        if (photos) this.#finder?.fetchAhead();
      },
      () => undefined,
    ); // told to who waits for the version
    for (const backend of this.#backends) {
      const { engine, candidate, error } = await this.#try(backend);
      failure ??= error;
      if (!candidate.trusted) continue;
      this.#use(engine, candidate, this.#backends.length === 1 ? "only" : "first");
      const { id, card, golden } = await this.#version;
      this.#id = id;
      this.#card = card;
      this.examples = golden.map(({ picture, box, text }) => ({ picture, box, text }));
      this.#planComparison();
      return;
    }
    const tried = this.#candidates.map(({ backend, why, message }) => `${backend}: ${message ?? why}`).join(", ");
    throw failure ?? new ReaderError("backend", `No backend reproduces the model's golden outputs here (${tried}).`);
  }

  /**
   * @param {Source} source
   * @param {{box?: Box | null, corners?: Corners | null, learned?: Learned | null, signal?: AbortSignal}} [options] where
   *   the display is: its box, or its four corners; neither: the whole picture
   * @returns {Promise<Reading & {corners?: Corners}>}
   * @throws {ReaderError} `not_image`, `damaged`, `too_large`, `too_small`, `bad_box`, `no_frame`, `closed`
   */
  async read(source, { box = null, corners = null, learned = null, signal } = {}) {
    return this.#ask(source, { type: "read", box, corners, learned: this.#fitting(learned) }, signal);
  }

  /**
   * Where the display is in a photo.
   *
   * @param {Source} source
   * @param {{before?: Corners | null, signal?: AbortSignal}} [options] `before`: where it was in the frame before
   * @returns {Promise<import("./outline.js").Outline | null>} null where none is seen, or where no finder is published
   * @throws {ReaderError} as `read` does, and `download` or `broken` for the finder
   */
  async find(source, { before = null, signal } = {}) {
    if (!(await this.#equip())) return null;
    const found = await this.#ask(source, { type: "find", before }, signal);
    return found && { corners: found.corners, presence: found.presence };
  }

  /**
   * Finds the display in a photo and reads it. A picture that is a display cut out already is read whole, and so is one
   * in which nothing is found, or nothing that reads more surely.
   *
   * @param {Source} source
   * @param {{before?: Corners | null, box?: Box | null, learned?: Learned | null, again?: boolean,
   *   signal?: AbortSignal}} [options] `before`: where it was in the frame before; `box`: read instead of the whole
   *   picture; `again`: false where a doubtful display is not worth a second look, for the next frame comes soon
   * @returns {Promise<PhotoReading>}
   * @throws {ReaderError} as `read` does; without the finder the whole picture is read
   */
  async readPhoto(source, { before = null, box = null, learned = null, again = true, signal } = {}) {
    await this.#equip().catch((error) => console.warn(`Photos are read without the finder: ${error.message}`));
    return this.#ask(source, { type: "readPhoto", before, box, again, learned: this.#fitting(learned) }, signal);
  }

  /**
   * Tunes the last layers to one meter, and tries how much better it is then read. Nothing leaves the device; what comes
   * back changes a reading only where it is given as `learned`.
   *
   * @param {import("./learn/learner.js").Example[]} examples pictures of the meter with what they show
   * @param {{onDone?: (done: number) => void, signal?: AbortSignal}} [options] `onDone` is told which part is done, 0 to 1
   * @returns {Promise<{learned: Learned, worth: import("./learn/learner.js").Worth}>}
   * @throws {ReaderError} `unlearnable` for a model that is built otherwise, and as `read` does
   */
  async learn(examples, { onDone, signal } = {}) {
    const { id: model, golden } = await this.#version;
    await this.#equip().catch(() => undefined); // then in the boxes that are kept with the pictures
    if (!this.#engine) throw new ReaderError("closed", "The reader is closed.");
    const question = { type: "learn", examples, golden: golden.map(({ picture, box }) => ({ picture, box })) };
    const { worth, ...found } = await this.#engine.ask(question, { signal, onDone });
    return { learned: { ...found, model }, worth };
  }

  /** What was learned for another version is of no use to this one. @param {Learned | null} learned */
  #fitting(learned) {
    return learned?.model === this.#id ? learned : null;
  }

  /** Whether displays are found in photos: a finder is published, and has not failed here. */
  get canFind() {
    return this.#finder?.works ?? false;
  }

  /** Tries the backends not tried yet and changes to the fastest trusted one. */
  async compare() {
    for (const backend of this.#backends) {
      if (this.#closed || this.#candidates.some((tried) => tried.backend === backend)) continue;
      const { engine, candidate } = await this.#try(backend);
      if (!this.#closed && isFaster(candidate, this.#chosen)) this.#use(engine, candidate, "fastest");
      else engine.close();
    }
    this.#reason = this.#backends.length === 1 ? "only" : "fastest";
    this.#onBackend?.();
    return this.choice;
  }

  /**
   * @param {Source} source
   * @param {{type: string, [option: string]: unknown}} question
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>} the worker's answer, if it has one, with what gave it
   */
  async #ask(source, question, signal) {
    const given = { backend: this.choice.backend, model: this.card.name, version: this.card.version };
    const { transfer, ...picture } = await sendable(source);
    if (!this.#engine) throw new ReaderError("closed", "The reader is closed.");
    const answer = await this.#engine.ask({ ...question, ...picture }, { transfer, signal });
    return answer && { ...answer, ...given };
  }

  /** @returns {Promise<boolean>} whether the engine in use has the finder now */
  async #equip() {
    return Boolean(this.#engine && (await this.#finder?.equip(this.#engine)));
  }

  /** Ends the worker; readings under way are refused with `closed`. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#engine?.close();
    this.#engine = null;
  }

  /** @param {BackendName} backend */
  async #try(backend) {
    const tried = await openEngine(backend, this.#version);
    this.#candidates.push(tried.candidate);
    return tried;
  }

  /** @param {import("./engine.js").Engine} engine @param {Candidate} candidate @param {ChoiceReason} reason */
  #use(engine, candidate, reason) {
    const before = this.#engine;
    this.#engine = engine;
    this.#chosen = candidate;
    this.#reason = reason;
    before?.retire();
  }

  #planComparison() {
    if (this.#candidates.length === this.#backends.length) return;
    if ((this.#chosen?.milliseconds ?? Infinity) < FAST_ENOUGH) return void (this.#reason = "fast_enough");
    this.#timer = setTimeout(() => (this.#engine?.busy ? this.#planComparison() : void this.compare()), IDLE);
  }
}
