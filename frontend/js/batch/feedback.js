/** Corrections of the table on their way to those who teach the reader: under the consent that was given on a card. */
import { offer } from "../sense/outbox.js";

/**
 * A photo in which no display was found is not sent: all of it would be, and nobody was shown that.
 *
 * @param {import("./row.js").Row} row as a person has corrected it
 */
export async function offerRow({ id, file, display, reading, corrected }) {
  if (!reading) return; // there is nothing that was read otherwise
  const photo = display && { file, box: null, corners: display === "whole" ? null : display };
  const { text, confidence, model, version, learned } = reading;
  await offer(id, photo, { text, confidence, version: `${model}/${version}`, learned }, corrected ?? text);
}
