/** Asks what is drawn, once a frame at most and one question at a time: the last drawing is always answered. */

/**
 * @typedef {import("./strokes.js").Stroke} Stroke
 * @typedef {import("./networks.js").Look} Look
 */

export class Looking {
  #isAsked = false;
  /** @type {Promise<boolean> | null} */
  #work = null;

  /**
   * @param {() => Stroke[]} strokes as they are now
   * @param {(strokes: Stroke[]) => Promise<Look>} look
   * @param {(found: Look) => void} onFound
   * @param {(error: unknown) => void} onFailed
   */
  constructor(strokes, look, onFound, onFailed) {
    this.strokes = strokes;
    this.look = look;
    this.onFound = onFound;
    this.onFailed = onFailed;
  }

  /** The drawing has changed. @returns {Promise<boolean>} whether what is drawn by then was answered, or nobody could */
  ask() {
    this.#isAsked = true;
    this.#work ??= this.#answer();
    return this.#work;
  }

  async #answer() {
    let isAnswered = false;
    while (this.#isAsked) {
      await new Promise(requestAnimationFrame);
      this.#isAsked = false;
      try {
        this.onFound(await this.look(this.strokes()));
        isAnswered = true;
      } catch (error) {
        isAnswered = false;
        this.onFailed(error);
      }
    }
    this.#work = null; // at once: whoever asks next begins anew
    return isAnswered;
  }
}
