/** What went wrong, in a word a program can act on; the page has a sentence for each in every language. */

/**
 * @typedef {"download" | "broken" | "backend" | "worker" | "not_image" | "damaged" | "too_large" | "too_small" | "bad_box"
 *   | "no_frame" | "closed" | "unlearnable" | "failed"} ReaderErrorCode
 */

export class ReaderError extends Error {
  /**
   * @param {ReaderErrorCode} code
   * @param {string} message one English sentence: what was expected, what came
   * @param {{cause?: unknown}} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "ReaderError";
    this.code = code;
  }
}
