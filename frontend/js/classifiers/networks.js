/** The published networks of one kind, opened in a worker that has shown to compute right. */
import { Engine } from "../engine.js";
import { ReaderError } from "../errors.js";
import { fetchClassifiers } from "./versions.js";

/**
 * @typedef {import("./versions.js").ClassifierCard} ClassifierCard
 * @typedef {import("./versions.js").Fetched} Fetched
 * @typedef {{recipe: string, card: ClassifierCard | null, error: unknown}} Opened `error`: why it is not used; null when it is
 * @typedef {object} Kind
 * @property {(card: any) => boolean} isWanted
 * @property {string[]} first recipes in this order, and then the others as current.json has them
 * @property {() => Worker} newWorker one that answers as serving.js does
 * @property {(progress: import("../reader.js").Progress) => void} [onProgress]
 */

/** @type {import("../reader.js").BackendName[]} */
const BACKENDS = ["wasm", "webgl"];

/**
 * @param {string} root address of the folder that holds current.json
 * @param {Kind} kind
 * @returns {Promise<[Engine | null, Opened[]]>} of those that are published; none without any
 * @throws {ReaderError} `download`, `broken`, `backend` or `worker`, when none of them can be used
 */
export async function openClassifiers(root, { isWanted, first, newWorker, onProgress = () => {} }) {
  onProgress({ stage: "download", loaded: 0, total: 0 });
  let bytes = 0;
  const fetched = await fetchClassifiers(root, isWanted, (loaded, total) => {
    onProgress({ stage: loaded < total ? "download" : "check", loaded, total: (bytes = total) });
  });
  fetched.sort((a, b) => placeOf(a, first) - placeOf(b, first));
  const opened = fetched.length ? await startOnBest(fetched, newWorker) : /** @type {[null, Opened[]]} */ ([null, []]);
  onProgress({ stage: "ready", loaded: bytes, total: bytes });
  return opened;
}

/** @param {Fetched} fetched @param {string[]} first */
function placeOf({ recipe }, first) {
  return first.includes(recipe) ? first.indexOf(recipe) : first.length;
}

/** @param {Fetched[]} fetched @param {() => Worker} newWorker @returns {Promise<[Engine, Opened[]]>} */
async function startOnBest(fetched, newWorker) {
  /** @type {unknown} */
  let failure = null;
  for (const backend of BACKENDS) {
    const engine = new Engine(backend, newWorker());
    try {
      const opened = await startAll(engine, fetched);
      if (opened.some(({ error }) => !error)) return [engine, opened];
      failure ??= opened[0].error;
    } catch (error) {
      failure ??= error;
    }
    engine.close();
  }
  throw failure;
}

/** @param {Engine} engine @param {Fetched[]} fetched @returns {Promise<Opened[]>} */
async function startAll(engine, fetched) {
  if (!(await engine.ask({ type: "prepare", backend: engine.backend }))) {
    throw new ReaderError("backend", `This device has no ${engine.backend}.`);
  }
  const opened = [];
  for (const { recipe, card, version, error } of fetched) {
    opened.push({ recipe, card, error: error ?? (await start(engine, recipe, version)) });
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

/** What `openClassifiers` gives, for a page to ask. */
export class Classifiers {
  /** @param {Engine | null} engine @param {Opened[]} opened */
  constructor(engine, opened) {
    this.engine = engine;
    this.opened = opened;
  }

  /** Those in use. */
  get working() {
    return this.opened.filter(({ error }) => !error);
  }

  /** Ends the worker; what is under way is refused with `closed`. */
  close() {
    this.engine?.close();
  }
}
