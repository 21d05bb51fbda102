/** Work that must not overlap: what is asked for later begins when all that was asked for before has ended. */
export class Turns {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * Must not be awaited by work that has its turn: it would wait for itself.
   *
   * @template Result
   * @param {() => Promise<Result>} work
   * @returns {Promise<Result>}
   */
  take(work) {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined); // a failure is told to who asked, and ends no other's turn
    return done;
  }
}
