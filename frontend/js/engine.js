/** A worker seen from the page: questions in, promises out. */
import { ReaderError } from "./errors.js";

/** A backend that wins by less than this part is not worth the change. */
const WORTHWHILE = 0.8;

export class Engine {
  #worker;
  #next = 1;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void, onDone?: (done: number) => void}>} */
  #waiting = new Map();
  /** @type {ReaderError | null} */
  #failure = null;
  #retired = false;

  /**
   * @param {import("./reader.js").BackendName} backend that it is for
   * @param {Worker} [worker] the reader's, if not another one that answers alike
   */
  constructor(backend, worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" })) {
    this.backend = backend;
    this.#worker = worker;
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const why = event.message ? `stopped: ${event.message}` : "could not be loaded";
      this.#fail(new ReaderError(event.message ? "worker" : "download", `The reader's worker ${why}.`));
    };
  }

  /**
   * @param {object} message
   * @param {{transfer?: Transferable[], signal?: AbortSignal, onDone?: (done: number) => void}} [options] `onDone` is told
   *   which part of long work is done, 0 to 1
   * @returns {Promise<any>}
   */
  ask(message, { transfer = [], signal, onDone } = {}) {
    if (this.#failure) return Promise.reject(this.#failure);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#waiting.delete(id);
        this.#worker.postMessage({ id, type: "cancel" });
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", cancel, { once: true });
      const done = () => signal?.removeEventListener("abort", cancel);
      this.#waiting.set(id, {
        resolve: (value) => (done(), resolve(value)),
        reject: (error) => (done(), reject(error)),
        onDone,
      });
      this.#worker.postMessage({ ...message, id }, transfer);
    });
  }

  get busy() {
    return this.#waiting.size > 0;
  }

  /** Closes once what is under way has been answered. */
  retire() {
    if (this.#waiting.size) this.#retired = true;
    else this.close();
  }

  close() {
    this.#fail(new ReaderError("closed", "The reader is closed."));
    this.#worker.terminate();
  }

  /** @param {{id: number, result?: any, error?: {code: any, message: string}, done?: number}} answer */
  #settle({ id, result, error, done }) {
    const waiting = this.#waiting.get(id);
    if (done !== undefined) return waiting?.onDone?.(done);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new ReaderError(error.code, error.message));
    else waiting?.resolve(result);
    if (this.#retired) this.retire();
  }

  /** @param {ReaderError} error */
  #fail(error) {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/**
 * Starts a backend in a worker of its own and sees whether it can be trusted with a version.
 *
 * @param {import("./reader.js").BackendName} backend
 * @param {Promise<import("./version.js").Version>} arriving
 * @returns {Promise<{engine: Engine, candidate: import("./reader.js").Candidate, error: unknown}>}
 */
export async function openEngine(backend, arriving) {
  const engine = new Engine(backend);
  /** @type {import("./reader.js").Candidate} */
  let candidate = { backend, trusted: false, why: "unavailable" };
  let error = null;
  try {
    const [available, found] = await Promise.all([engine.ask({ type: "prepare", backend }), arriving]);
    if (available) candidate = { backend, ...(await engine.ask({ type: "start", version: found })) };
  } catch (caught) {
    error = caught;
    candidate = { backend, trusted: false, why: "failed", message: String(caught) };
  }
  if (!candidate.trusted) engine.close();
  return { engine, candidate, error };
}

/**
 * @param {import("./reader.js").Candidate} candidate
 * @param {import("./reader.js").Candidate | undefined} chosen
 */
export function isFaster(candidate, chosen) {
  const { trusted, milliseconds = Infinity } = candidate;
  return trusted && milliseconds < WORTHWHILE * (chosen?.milliseconds ?? Infinity);
}
