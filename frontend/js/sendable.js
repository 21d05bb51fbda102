/** A picture made ready for the worker. */
import { ReaderError } from "./errors.js";

/** @typedef {import("./reader.js").Source} Source */

/** @type {WeakMap<Blob, number>} so that the worker knows a file it has just decoded */
const keys = new WeakMap();
let lastKey = 0;

/**
 * @param {Source} source a file as it is; anything else as it looks now
 * @returns {Promise<{source: Blob | ImageBitmap, key: number, transfer: Transferable[]}>} the key is 0 for what is read
 *   once
 * @throws {ReaderError} `no_frame` or `not_image`
 */
export async function sendable(source) {
  if (!(source instanceof Blob)) {
    const picture = await snapshot(source);
    return { source: picture, key: 0, transfer: [picture] };
  }
  const key = keys.get(source) ?? ++lastKey;
  keys.set(source, key);
  return { source, key, transfer: [] };
}

/**
 * @param {Exclude<Source, Blob>} source
 * @returns {Promise<ImageBitmap>}
 */
async function snapshot(source) {
  if (source instanceof HTMLVideoElement && source.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    throw new ReaderError("no_frame", "The video has no picture yet.");
  }
  try {
    return await createImageBitmap(source, { colorSpaceConversion: "none" });
  } catch (cause) {
    throw new ReaderError("not_image", "Expected a picture file, canvas, image or video with a picture in it.", {
      cause,
    });
  }
}
