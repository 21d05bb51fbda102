/** The finder for the reader's engines: fetched when first asked for, given to each once. */
import { fetchFinder } from "./version.js";

/** @typedef {import("./engine.js").Engine} Engine */

/** A lost connection may come back: after so long, in milliseconds, a download that failed is tried again. */
const RETRY = 10_000;

export class FinderSupply {
  /** @type {Promise<import("./version.js").FinderVersion> | null} */
  #version = null;
  /** @type {WeakMap<Engine, Promise<boolean>>} */
  #equipped = new WeakMap();
  /** Whether it has not failed on this device, as far as it was tried. */
  works = true;

  /** @param {import("./version.js").Pointer} pointer */
  constructor(pointer) {
    this.pointer = pointer;
  }

  /** Downloads it before anybody asks; what goes wrong is said to who asks. */
  fetchAhead() {
    this.#version ??= fetchFinder(this.pointer);
    this.#version.catch(() => (this.#version = null));
  }

  /**
   * @param {Engine} engine
   * @returns {Promise<boolean>} whether it has the finder now; not where this gives other outlines than it should
   * @throws {import("./errors.js").ReaderError} `download` or `broken`
   */
  equip(engine) {
    const equipped = this.#equipped.get(engine) ?? this.#give(engine);
    this.#equipped.set(engine, equipped);
    return equipped;
  }

  /** @param {Engine} engine */
  async #give(engine) {
    const verdict = await engine.ask({ type: "equip", version: await this.#fetch(engine) });
    if (!verdict.trusted) console.warn("The finder does not work as it should on this device.", verdict);
    return (this.works = verdict.trusted);
  }

  /** @param {Engine} engine */
  async #fetch(engine) {
    try {
      return await (this.#version ??= fetchFinder(this.pointer));
    } catch (error) {
      setTimeout(() => {
        this.#version = null;
        this.#equipped.delete(engine);
      }, RETRY);
      throw error;
    }
  }
}
