/** When a picture was taken: what its file says, as far as it says it. */

const START_OF_IMAGE = 0xffd8;
const APP1 = 0xffe1;
const START_OF_SCAN = 0xffda;
const EXIF = 0x45786966; // "Exif"
const EXIF_FOLDER = 0x8769;
const DATE_TIME_ORIGINAL = 0x9003;
const HEAD = 131_072; // bytes: EXIF stands in the first 64 kB segment, behind at most one other

/**
 * The camera's clock, else the file's time, else now. Never later than now: clocks are wrong at times.
 *
 * @param {Blob} file
 * @param {number} [now] milliseconds since 1970
 * @returns {Promise<number>} milliseconds since 1970
 */
export async function timeOf(file, now = Date.now()) {
  const taken = exifTime(await file.slice(0, HEAD).arrayBuffer());
  const changed = file instanceof File && file.lastModified > 0 ? file.lastModified : now;
  return Math.min(taken ?? changed, now);
}

/**
 * The same, and who says so.
 *
 * @param {File} file
 * @returns {Promise<{time: number, by: "camera" | "file"} | null>} null when neither the camera nor the file tells
 */
export async function takenAt(file) {
  const time = exifTime(await file.slice(0, HEAD).arrayBuffer());
  if (time !== null) return { time, by: "camera" };
  return file.lastModified ? { time: file.lastModified, by: "file" } : null;
}

/**
 * EXIF's DateTimeOriginal (Exif 2.32, 4.6.5), as local time: it names no zone.
 *
 * @param {ArrayBuffer} head of a file
 * @returns {number | null} milliseconds since 1970; null for no JPEG, no EXIF, no date in it
 */
export function exifTime(head) {
  try {
    const view = new DataView(head);
    const start = exifStart(view);
    return start === null ? null : dateIn(view, start);
  } catch (error) {
    if (error instanceof RangeError) return null; // it points out of itself
    throw error;
  }
}

/** Where the TIFF header of the EXIF segment is. @param {DataView} view */
function exifStart(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== START_OF_IMAGE) return null;
  for (let at = 2; view.getUint16(at) !== START_OF_SCAN; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) === APP1 && view.getUint32(at + 4) === EXIF) return at + 10;
    if (view.getUint8(at) !== 0xff) return null;
  }
  return null;
}

/** @param {DataView} view @param {number} start of the TIFF header */
function dateIn(view, start) {
  const little = view.getUint16(start) === 0x4949; // "II"
  const folder = entry(view, start + view.getUint32(start + 4, little), EXIF_FOLDER, little);
  if (folder === null) return null;
  const date = entry(view, start + folder, DATE_TIME_ORIGINAL, little);
  if (date === null) return null;
  const text = String.fromCharCode(...new Uint8Array(view.buffer, start + date, 19));
  const [, ...parts] = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (!parts.length || !parts[0]) return null; // cameras without a clock write zeros
  const time = new Date(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], parts[5]).getTime();
  return Number.isFinite(time) ? time : null;
}

/**
 * The value, or where it is, of a tag in a TIFF folder.
 *
 * @param {DataView} view @param {number} folder @param {number} tag
 * @param {boolean} little byte order
 */
function entry(view, folder, tag, little) {
  const count = view.getUint16(folder, little);
  for (let index = 0; index < count; index++) {
    const at = folder + 2 + 12 * index;
    if (view.getUint16(at, little) === tag) return view.getUint32(at + 8, little);
  }
  return null;
}
