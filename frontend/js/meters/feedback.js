/** Edited readings on their way to those who teach the reader: under the consent that was given on a card. */
import { offer } from "../sense/outbox.js";
import { isFramed } from "../sense/pictures.js";

/**
 * What was read of a kept picture, and is now said to be another reading, is a correction as those of the reading page.
 * Where it is not known where the display is, only a picture that is one is sent: what was agreed to is the framed part.
 *
 * @param {import("../stored.js").StoredReading} reading as it was @param {string} text what it is now
 */
export async function offerEdit({ id, text: before, alone, picture, box, version }, text) {
  if (text === before || !picture || !version) return;
  const by = version.replace(/ (?=[^ ]*$)/, "/"); // "compact 5" is compact/5
  const photo = { file: picture, box, corners: null };
  await offer(id, (await isFramed(photo)) ? photo : null, { text: alone, version: by }, text);
}
