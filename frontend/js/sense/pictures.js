/** Pictures made smaller: to be kept, and to be sent. Both are drawn anew, so nothing but pixels is in them. */

/** @typedef {import("../reader.js").Box} Box */

const LONGEST = 1600; // pixels
const AROUND = 0.6; // of the display's height, on each side of what is sent
const QUALITY = 0.9;

/**
 * @param {Blob} file
 * @param {Box | null} box
 * @returns {Promise<{picture: Blob, box: Box | null}>} the whole picture, its longer side at most 1600 pixels
 */
export async function shrunk(file, box) {
  const upright = await createImageBitmap(file);
  return draw(upright, { x: 0, y: 0, width: upright.width, height: upright.height }, box);
}

/**
 * @param {Blob} file
 * @param {Box | null} box
 * @returns {Promise<{picture: Blob, box: Box | null}>} the part of the picture around the display
 */
export async function cutOut(file, box) {
  const upright = await createImageBitmap(file);
  const margin = AROUND * (box?.height ?? 0);
  const [left, top] = [box?.x ?? 0, box?.y ?? 0].map((edge) => Math.max(0, Math.floor(edge - margin)));
  const right = Math.min(upright.width, Math.ceil(box ? box.x + box.width + margin : upright.width));
  const bottom = Math.min(upright.height, Math.ceil(box ? box.y + box.height + margin : upright.height));
  return draw(upright, { x: left, y: top, width: right - left, height: bottom - top }, box);
}

/** @param {ImageBitmap} upright @param {Box} area @param {Box | null} box */
async function draw(upright, area, box) {
  const scale = Math.min(1, LONGEST / Math.max(area.width, area.height));
  const [width, height] = [area.width, area.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(upright, area.x, area.y, area.width, area.height, 0, 0, width, height);
  upright.close();
  const picture = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  return { picture, box: box && moved(box, area, scale) };
}

/** @param {Box} box @param {Box} area @param {number} scale @returns {Box} */
function moved(box, area, scale) {
  return {
    x: (box.x - area.x) * scale,
    y: (box.y - area.y) * scale,
    width: box.width * scale,
    height: box.height * scale,
  };
}
