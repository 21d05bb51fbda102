/** The page's reader, on its way while the page's other modules are still arriving: the first module to run. */
import { createReader } from "./reader.js";

/**
 * @typedef {object} Hooks
 * @property {(progress: import("./reader.js").Progress) => void} onProgress
 * @property {() => void} [onBackend]
 */

/** @type {import("./reader.js").Progress} */
let progress = { stage: "download", loaded: 0, total: 0 };
/** Until the page is there, what it would be told is noted. @type {Hooks} */
let hooks = { onProgress: (now) => (progress = now) };
/** @type {Promise<import("./reader.js").Reader> | null} */
let early = open();

/** @returns {Promise<import("./reader.js").Reader>} */
function open() {
  const reader = createReader({
    model: new URL("/static/model/", location.href),
    photos: true,
    onProgress: (now) => hooks.onProgress(now),
    onBackend: () => hooks.onBackend?.(),
  });
  reader.catch(() => undefined); // told to who asks for it
  return reader;
}

/**
 * The reader that is on its way, the first time; after that a new attempt.
 *
 * @param {Hooks} listening
 * @returns {Promise<import("./reader.js").Reader>}
 * @throws {import("./errors.js").ReaderError} as `createReader`
 */
export function openReader(listening) {
  hooks = listening;
  const reader = early ?? open();
  if (early) listening.onProgress(progress);
  early = null;
  return reader;
}
