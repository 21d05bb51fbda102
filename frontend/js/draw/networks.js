/** The published networks, opened in a worker that has shown to compute right; latest drawing first. */
import { Engine } from "../engine.js";
import { ReaderError } from "../errors.js";
import { fetchClassifiers } from "./versions.js";

/**
 * @typedef {import("./worker.js").Look} Look
 * @typedef {import("./versions.js").ClassifierCard} ClassifierCard
 * @typedef {{recipe: string, card: ClassifierCard | null, error: unknown}} Opened `error`: why it is not used; null when it is
 */

/** @type {import("../reader.js").BackendName[]} */
const BACKENDS = ["wasm", "webgl"];

/**
 * @param {string} root address of the folder that holds current.json
 * @returns {Promise<Networks>} of those that are published, maybe none
 * @throws {ReaderError} `download`, `broken`, `backend` or `worker`, when none of them can be used
 */
export async function openNetworks(root) {
  const fetched = await fetchClassifiers(root);
  if (!fetched.length) return new Networks(null, []);
  /** @type {unknown} */
  let failure = null;
  for (const backend of BACKENDS) {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    const engine = new Engine(backend, worker);
    try {
      const opened = await startAll(engine, fetched);
      if (opened.some(({ error }) => !error)) return new Networks(engine, opened);
      failure ??= opened[0].error;
    } catch (error) {
      failure ??= error;
    }
    engine.close();
  }
  throw failure;
}

/** @param {Engine} engine @param {import("./versions.js").Fetched[]} fetched @returns {Promise<Opened[]>} */
async function startAll(engine, fetched) {
  if (!(await engine.ask({ type: "prepare", backend: engine.backend }))) {
    throw new ReaderError("backend", `This device has no ${engine.backend}.`);
  }
  const opened = [];
  for (const { recipe, version, error } of fetched) {
    opened.push({ recipe, card: version?.card ?? null, error: error ?? (await start(engine, recipe, version)) });
  }
  return opened;
}

/** @param {Engine} engine @param {string} recipe @param {unknown} version @returns {Promise<unknown>} what was wrong, or null */
async function start(engine, recipe, version) {
  try {
    if (await engine.ask({ type: "start", version })) return null;
    return new ReaderError("backend", `${recipe} does not reproduce its golden outputs on ${engine.backend}.`);
  } catch (error) {
    return error;
  }
}

/** Made by `openNetworks`. */
export class Networks {
  #engine;

  /** @param {Engine | null} engine @param {Opened[]} opened */
  constructor(engine, opened) {
    this.#engine = engine;
    this.opened = opened;
  }

  /** Those in use. */
  get working() {
    return this.opened.filter(({ error }) => !error);
  }

  /** @param {import("./strokes.js").Stroke[]} strokes @returns {Promise<Look>} @throws {ReaderError} `closed`, `worker`, `failed` */
  async look(strokes) {
    if (!this.#engine) return { seen: [], probabilities: {}, tooMany: false };
    return this.#engine.ask({ type: "look", strokes });
  }

  /** Ends the worker; what is under way is refused with `closed`. */
  close() {
    this.#engine?.close();
  }
}
