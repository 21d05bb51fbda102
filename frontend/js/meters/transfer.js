/** Files out and in, and what is handed to other programs when asked. */
import { element } from "../dom.js";
import { t, withUnit } from "../i18n.js";
import { readAll, saveAll } from "../store.js";
import { whyText } from "../why.js";
import { sentenceOf } from "./ask.js";
import { ImportError, readBackup, writeBackup } from "./backup.js";
import { readTable, writeTable } from "./table.js";
import { lastSound, useOf } from "./use.js";
import { plainText, timeText } from "./words.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("./backup.js").Everything} Everything
 */

const LIMIT = 400; // megabytes: browsers hold no much longer text
const MEGABYTE = 1e6;

/** Gives the person a file. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // when it is written for certain
}

/** @param {Everything} everything */
export async function exportAll(everything) {
  download(await writeBackup(everything), `meters-${today()}.json`);
}

/** @param {Everything} everything */
export function exportTable(everything) {
  download(tableBlob(everything), `readings-${today()}.csv`);
}

/**
 * Takes in what a file holds and is not here yet; what is here stays as it is.
 *
 * @param {File} file JSON or CSV
 * @returns {Promise<() => string>} a sentence about it in the page's language
 * @throws what `importRefused` has a sentence for; then nothing was taken in
 */
export async function importFile(file) {
  if (file.size > LIMIT * MEGABYTE)
    throw new ImportError("large", `expected at most ${LIMIT} MB, got ${file.size} bytes`);
  const text = await file.text();
  const there = await readAll();
  const found = /^\s*[{[]/.test(text.slice(0, 100)) ? readBackup(text) : readTable(text, there);
  const fresh = { meters: absent(found.meters, there.meters), readings: absent(found.readings, there.readings) };
  await saveAll(fresh);
  const [meters, readings] = [fresh.meters.length, fresh.readings.length];
  const known = found.known + found.readings.length - readings;
  const alsoKnown = () => (known ? ` ${t("meters_imported_known", { known })}` : "");
  return () => t("meters_imported", { meters, readings }) + alsoKnown();
}

/** Why nothing was taken in, in the page's language. @param {unknown} error @returns {string} */
export function importRefused(error) {
  if (error instanceof ImportError) {
    return t(`meters_import_${error.code}`, { place: error.place, why: whyText(error.why), limit: LIMIT });
  }
  return error instanceof DOMException ? t("meters_import_unreadable") : sentenceOf(error);
}

/**
 * Hands a meter's readings to a program that the person chooses; where that is not possible, copies the last one
 * that is sound.
 *
 * @param {Meter} meter @param {StoredReading[]} readings oldest first, one of them sound
 * @returns {Promise<(() => string) | null>} a sentence when there is something to say
 */
export async function share(meter, readings) {
  const last = lastSound(readings, useOf(meter, readings));
  if (!last) return null; // it has become doubtful in another tab
  const value = withUnit(plainText(last.text), meter.unit);
  const text = t("meters_shared_line", { name: meter.name, text: value, time: timeText(last.time) });
  const table = tableBlob({ meters: [meter], readings });
  const files = [new File([table], `readings-${today()}.csv`, { type: "text/csv" })];
  try {
    if (!navigator.share) return await copied(text);
    await navigator.share(navigator.canShare?.({ files }) ? { text, files } : { text });
    return null;
  } catch (error) {
    return /** @type {Error} */ (error).name === "AbortError" ? null : copied(text); // the person changed their mind
  }
}

/** @param {string} text @returns {Promise<() => string>} */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return () => t("meters_copied");
  } catch {
    return () => t("meters_not_copied"); // not allowed, or a page without https
  }
}

/** @param {Everything} everything */
function tableBlob(everything) {
  return new Blob([writeTable(everything)], { type: "text/csv;charset=utf-8" });
}

/** @template {{id: string}} Kept @param {Kept[]} found @param {Kept[]} there @returns {Kept[]} */
function absent(found, there) {
  const ids = new Set(there.map(({ id }) => id));
  return found.filter(({ id }) => !ids.has(id));
}

function today() {
  return new Date().toISOString().slice(0, 10);
}
