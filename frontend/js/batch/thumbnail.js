/** Small pictures for the table, which weigh a few kilobytes whatever the photo weighs. */

const WIDTH = 256;
const HEIGHT = 160;
const QUALITY = 0.7;

/**
 * @param {Blob} file a picture
 * @returns {Promise<Blob | null>} JPEG of at most 256 × 160 pixels; null when the browser cannot open the picture
 */
export async function thumbnail(file) {
  const upright = await createImageBitmap(file).catch(() => null);
  if (!upright) return null;
  try {
    const scale = Math.min(1, WIDTH / upright.width, HEIGHT / upright.height);
    const size = [upright.width, upright.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = new OffscreenCanvas(size[0], size[1]);
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.fillStyle = "white"; // under what is transparent
    context.fillRect(0, 0, size[0], size[1]);
    context.imageSmoothingQuality = "high";
    context.drawImage(upright, 0, 0, size[0], size[1]);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  } finally {
    upright.close();
  }
}
