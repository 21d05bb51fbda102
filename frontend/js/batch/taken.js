/**
 * When a picture was taken: what the camera noted in it (Exif 2.32, DateTimeOriginal), or else the file's own date.
 *
 * The walk over the file never leaves the bytes read: a DataView refuses to, and a file that lies has no note.
 */

const START = 1 << 17; // the note is in the file's first bytes
const EXIF_SEGMENT = 0xe1;
const SCAN = 0xda;
const EXIF = 0x45786966; // "Exif"
const EXIF_FOLDER = 0x8769;
const ORIGINAL = 0x9003;
const LITTLE = 0x4949; // "II"; "MM" is big-endian
const ENTRY = 12; // bytes

/**
 * @param {File} file
 * @returns {Promise<import("./row.js").Taken | null>} null when neither tells
 */
export async function takenAt(file) {
  const time = await noted(file).catch(() => null);
  if (time !== null) return { time, by: "camera" };
  return file.lastModified ? { time: file.lastModified, by: "file" } : null;
}

/** @param {File} file @returns {Promise<number | null>} */
async function noted(file) {
  const view = new DataView(await file.slice(0, START).arrayBuffer());
  const tiff = tiffStart(view);
  if (tiff === null) return null;
  const little = view.getUint16(tiff) === LITTLE;
  const folder = entry(view, tiff, view.getUint32(tiff + 4, little), EXIF_FOLDER, little);
  const place = folder && entry(view, tiff, folder, ORIGINAL, little);
  return place ? parse(view, tiff + place) : null;
}

/** Where the TIFF header inside a JPEG's Exif segment is. @param {DataView} view */
function tiffStart(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at) & 0xff;
    if (view.getUint8(at) !== 0xff || marker === SCAN) return null;
    if (marker === EXIF_SEGMENT && view.getUint32(at + 4) === EXIF) return at + 10;
  }
  return null;
}

/**
 * The value (or its place) of a tag in a folder of tags.
 *
 * @param {DataView} view
 * @param {number} tiff
 * @param {number} folder its place, counted from `tiff`
 * @param {number} tag
 * @param {boolean} little
 */
function entry(view, tiff, folder, tag, little) {
  const count = view.getUint16(tiff + folder, little);
  for (let index = 0; index < count; index++) {
    const at = tiff + folder + 2 + index * ENTRY;
    if (view.getUint16(at, little) === tag) return view.getUint32(at + 8, little);
  }
  return null;
}

/** "2026:11:21 14:30:00" in the device's own time. @param {DataView} view @param {number} at */
function parse(view, at) {
  const text = Array.from({ length: 19 }, (_, index) => String.fromCharCode(view.getUint8(at + index))).join("");
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const time = new Date(year, month - 1, day, hour, minute, second).getTime();
  return year && month && day && !Number.isNaN(time) ? time : null; // cameras without a clock note zeros
}
