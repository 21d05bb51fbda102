/** Small pictures for the table, which weigh a few kilobytes whatever the photo weighs. */

const WIDTH = 256;
const HEIGHT = 160;
const QUALITY = 0.7;

const AROUND = 0.25; // of the display's width, left to see where it is

/**
 * @param {ImageBitmap} picture upright; it stays its owner's
 * @param {import("../reader.js").Corners | null} corners of the display, which the small picture then shows; all without
 * @returns {Promise<Blob | null>} JPEG of at most 256 × 160 pixels; null when the browser has nothing to draw on
 */
export async function thumbnail(picture, corners) {
  const area = corners ? around(corners, picture) : { x: 0, y: 0, width: picture.width, height: picture.height };
  const scale = Math.min(1, WIDTH / area.width, HEIGHT / area.height);
  const size = [area.width, area.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(size[0], size[1]);
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = "white"; // under what is transparent
  context.fillRect(0, 0, size[0], size[1]);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, area.x, area.y, area.width, area.height, 0, 0, size[0], size[1]);
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

/** The upright rectangle around the display, with some of what is beside it. @param {import("../reader.js").Corners} corners @param {ImageBitmap} picture */
function around(corners, picture) {
  const [across, down] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const margin = AROUND * Math.max(Math.max(...across) - Math.min(...across), Math.max(...down) - Math.min(...down));
  const x = Math.max(0, Math.min(...across) - margin);
  const y = Math.max(0, Math.min(...down) - margin);
  const width = Math.min(picture.width, Math.max(...across) + margin) - x;
  const height = Math.min(picture.height, Math.max(...down) + margin) - y;
  return { x, y, width: Math.max(1, width), height: Math.max(1, height) };
}
