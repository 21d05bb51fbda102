/** Pictures one after the other before the networks, so that never more than one is decoded. */

/** Codes of errors after which the next picture would fail as well. */
const FATAL = ["worker", "closed"];

/**
 * @typedef {import("./worker.js").Look} Look
 * @typedef {{file: File, state: "waiting" | "looking" | "told" | "failed", look: Look | null, error: unknown}} Shown
 * @typedef {object} Listeners
 * @property {(shown: Shown) => void} onChange
 * @property {(error: unknown) => void} onLost there is nothing to look with any more; what waits goes on waiting
 */

export class Gallery {
  /** @type {Shown[]} as they are shown: those that came last, first */
  all = [];
  /** @type {((file: File) => Promise<Look>) | null} */
  #look = null;
  #isWorking = false;

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.listeners = listeners;
  }

  /** From now on pictures are looked at; those that wait, first. @param {(file: File) => Promise<Look>} look */
  use(look) {
    this.#look = look;
    void this.#work();
  }

  /** @param {File[]} files @returns {Shown[]} shown in this order, above the earlier ones */
  add(files) {
    const added = files.map((file) => ({ file, state: /** @type {const} */ ("waiting"), look: null, error: null }));
    this.all.unshift(...added);
    void this.#work();
    return added;
  }

  /** @param {Shown} shown */
  remove(shown) {
    this.all = this.all.filter((each) => each !== shown);
  }

  clear() {
    this.all = [];
  }

  async #work() {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      for (let shown; this.#look && (shown = this.all.find(({ state }) => state === "waiting"));) {
        await this.#tell(shown, this.#look);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  /** @param {Shown} shown @param {(file: File) => Promise<Look>} look */
  async #tell(shown, look) {
    this.#set(shown, { state: "looking" });
    try {
      this.#set(shown, { state: "told", look: await look(shown.file) });
    } catch (error) {
      if (!FATAL.includes(/** @type {{code: string}} */ (error)?.code)) {
        return this.#set(shown, { state: "failed", error });
      }
      this.#look = null;
      this.#set(shown, { state: "waiting" });
      this.listeners.onLost(error);
    }
  }

  /** @param {Shown} shown @param {Partial<Shown>} changes */
  #set(shown, changes) {
    Object.assign(shown, changes);
    if (this.all.includes(shown)) this.listeners.onChange(shown); // nobody waits for what was removed
  }
}
