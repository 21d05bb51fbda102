/** The live camera with a frame to aim at. */

/** @typedef {"refused" | "none" | "busy" | "insecure"} CameraErrorCode */

export class CameraError extends Error {
  /** @param {CameraErrorCode} code @param {string} message @param {{cause?: unknown}} [options] */
  constructor(code, message, options) {
    super(message, options);
    this.name = "CameraError";
    this.code = code;
  }
}

/** Part of the picture's width that the aiming frame takes, and its width over its height. */
const AIM_WIDTH = 0.8;
const AIM_ASPECT = 4;

/** @type {Record<string, CameraErrorCode>} */
const CODES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class Camera {
  /** @type {MediaStream | null} */
  #stream = null;
  #wanted = false;

  /** @param {HTMLVideoElement} video shows what the camera sees */
  constructor(video) {
    this.video = video;
  }

  get isOpen() {
    return this.#wanted;
  }

  /** Asks for the camera that looks away from the person. @throws {CameraError} */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new CameraError("insecure", "This page has no access to cameras: it was not opened by https.");
    }
    this.#wanted = true;
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", ...size },
        audio: false,
      });
    } catch (cause) {
      this.#wanted = false;
      const name = cause instanceof Error ? cause.name : "";
      throw new CameraError(CODES[name] ?? "none", `The camera could not be opened: ${name}.`, { cause });
    }
    if (!this.#wanted) return stop(stream); // closed while the person was being asked
    this.#stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
  }

  close() {
    this.#wanted = false;
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** The aiming frame in pixels of the video. */
  get aim() {
    const { videoWidth, videoHeight } = this.video;
    const width = videoWidth * AIM_WIDTH;
    const height = Math.min(width / AIM_ASPECT, videoHeight * AIM_WIDTH);
    return { x: (videoWidth - width) / 2, y: (videoHeight - height) / 2, width, height };
  }

  /** What the open camera can do. @returns {{torch: boolean, zoom: {min: number, max: number, value: number} | null}} */
  get abilities() {
    const track = this.#stream?.getVideoTracks()[0];
    const { torch, zoom } = /** @type {any} */ (track?.getCapabilities?.() ?? {}); // not in Firefox
    const { zoom: value = zoom?.min } = /** @type {any} */ (track?.getSettings() ?? {});
    return { torch: Boolean(torch), zoom: zoom?.max > zoom?.min ? { min: zoom.min, max: zoom.max, value } : null };
  }

  /** @param {{torch?: boolean, zoom?: number}} settings within its abilities; what the device refuses stays as it is */
  async set(settings) {
    const advanced = /** @type {MediaTrackConstraintSet[]} */ ([settings]);
    await this.#stream
      ?.getVideoTracks()[0]
      ?.applyConstraints({ advanced })
      .catch(() => {});
  }

  /** The frame on show. @returns {Promise<ImageBitmap | null>} null before the first one */
  async frame() {
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !this.video.videoWidth) return null;
    return createImageBitmap(this.video, { colorSpaceConversion: "none" });
  }
}

/** A frame as a picture file. @param {ImageBitmap} frame @returns {Promise<Blob>} */
export async function pictureOf(frame) {
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  canvas.getContext("2d")?.drawImage(frame, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
