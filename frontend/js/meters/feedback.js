/** Edited readings on their way to those who teach the reader: under the consent that was given on a card. */
import { isStrip } from "../photo.js";
import { offer } from "../sense/outbox.js";

/**
 * What was read of a kept picture, and is now said to be another reading, is a correction as those of the reading page.
 * Where it is not known where the display is, only a picture that is one is sent: what was agreed to is the framed part.
 *
 * @param {import("../stored.js").StoredReading} reading as it was @param {string} text what it is now
 */
export async function offerEdit({ id, text: before, alone, picture, box, version }, text) {
  if (text === before || !picture || !version) return;
  const by = version.replace(/ (?=[^ ]*$)/, "/"); // "compact 5" is compact/5
  const photo = box || (await isDisplay(picture)) ? { file: picture, box, corners: null } : null;
  await offer(id, photo, { text: alone, version: by }, text);
}

/** @param {Blob} picture */
async function isDisplay(picture) {
  const image = await createImageBitmap(picture).catch(() => null); // of what cannot be opened, nothing is sent
  const fills = image !== null && isStrip(image);
  image?.close();
  return fills;
}
