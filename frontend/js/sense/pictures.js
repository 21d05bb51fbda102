/** Pictures made smaller: to be kept, and to be sent. Both are drawn anew, so nothing but pixels is in them. */
import { isStrip } from "../photo.js";

/**
 * @typedef {import("../reader.js").Box} Box
 * @typedef {import("../straighten.js").Corners} Corners
 * @typedef {{file: Blob, box: Box | null, corners: Corners | null}} Photo with its display's place: a box, an outline, or
 *   neither, when the display fills it
 * @typedef {{picture: Blob, box: Box | null}} Drawn `box`: the display's, in pixels of `picture`
 */

const LONGEST = 1600; // pixels
const AROUND = 0.6; // of the display's height, on each side of what is sent
const QUALITY = 0.9;

/**
 * Whether it is known what of a photo is the display: without a place only that of a picture which is one. Of others
 * nothing is sent, as all of it would be.
 *
 * @param {Photo} photo
 */
export async function isFramed({ file, box, corners }) {
  if (box || corners) return true;
  const picture = await createImageBitmap(file).catch(() => null); // of what cannot be opened, nothing is sent either
  const fills = picture !== null && isStrip(picture);
  picture?.close();
  return fills;
}

/** The whole photo, its longer side at most 1600 pixels. @param {Photo} photo @returns {Promise<Drawn>} */
export async function shrunk({ file, box, corners }) {
  const upright = await createImageBitmap(file);
  const [width, height] = [upright.width, upright.height];
  return draw(upright, { x: 0, y: 0, width, height }, box ?? (corners && around(corners)));
}

/** The part of the photo around the display, turned so that its text runs level. @param {Photo} photo @returns {Promise<Drawn>} */
export async function cutOut({ file, box, corners }) {
  const upright = await createImageBitmap(file);
  if (corners && !box) return drawLevel(upright, corners);
  const margin = AROUND * (box?.height ?? 0);
  const [left, top] = [box?.x ?? 0, box?.y ?? 0].map((edge) => Math.max(0, Math.floor(edge - margin)));
  const right = Math.min(upright.width, Math.ceil(box ? box.x + box.width + margin : upright.width));
  const bottom = Math.min(upright.height, Math.ceil(box ? box.y + box.height + margin : upright.height));
  return draw(upright, { x: left, y: top, width: right - left, height: bottom - top }, box);
}

/** @param {ImageBitmap} upright @param {Box} area @param {Box | null} box */
async function draw(upright, area, box) {
  const scale = Math.min(1, LONGEST / Math.max(area.width, area.height));
  const { canvas, context } = sheet(area.width * scale, area.height * scale);
  context.drawImage(upright, area.x, area.y, area.width, area.height, 0, 0, canvas.width, canvas.height);
  upright.close();
  const moved = box && { x: box.x - area.x, y: box.y - area.y, width: box.width, height: box.height };
  return { picture: await jpeg(canvas), box: moved && scaled(moved, scale) };
}

/** @param {ImageBitmap} upright @param {Corners} corners */
async function drawLevel(upright, [topLeft, topRight, bottomRight, bottomLeft]) {
  const width = Math.max(distance(topLeft, topRight), distance(bottomLeft, bottomRight));
  const height = Math.max(distance(topLeft, bottomLeft), distance(topRight, bottomRight));
  const margin = AROUND * height;
  const scale = Math.min(1, LONGEST / (Math.max(width, height) + 2 * margin));
  const { canvas, context } = sheet((width + 2 * margin) * scale, (height + 2 * margin) * scale);
  const [x, y] = [0, 1].map((axis) => (topLeft[axis] + topRight[axis] + bottomRight[axis] + bottomLeft[axis]) / 4);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.scale(scale, scale);
  context.rotate(-Math.atan2(topRight[1] - topLeft[1], topRight[0] - topLeft[0]));
  context.drawImage(upright, -x, -y);
  upright.close();
  return { picture: await jpeg(canvas), box: scaled({ x: margin, y: margin, width, height }, scale) };
}

/** A sheet of mid grey: what lies outside of a photo. @param {number} width in pixels @param {number} height */
function sheet(width, height) {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "#808080";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  return { canvas, context };
}

/** @param {OffscreenCanvas} canvas */
function jpeg(canvas) {
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

/** The upright box around an outline. @param {Corners} corners @returns {Box} */
function around(corners) {
  const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** @param {Corners[0]} one @param {Corners[0]} other */
function distance(one, other) {
  return Math.hypot(other[0] - one[0], other[1] - one[1]);
}

/** @param {Box} box @param {number} scale @returns {Box} */
function scaled({ x, y, width, height }, scale) {
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
}
