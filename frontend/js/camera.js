/** The live camera with a frame to aim at. */

/**
 * @typedef {"refused" | "none" | "busy" | "insecure"} CameraErrorCode
 * @typedef {{torch?: boolean, zoom?: number}} Settings
 */

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
  /** @type {object | null} */
  #session = null;
  /** Settings that the device took, for what its track does not tell of itself. @type {Settings} */
  #taken = {};

  /** @param {HTMLVideoElement} video shows what the camera sees */
  constructor(video) {
    this.video = video;
  }

  get isOpen() {
    return this.#session !== null;
  }

  /** Another thing each time that it is opened, null while it is closed. @returns {object | null} */
  get session() {
    return this.#session;
  }

  /** Asks for the camera that looks away from the person. @throws {CameraError} */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new CameraError("insecure", "This page has no access to cameras: it was not opened by https.");
    }
    const session = (this.#session = {});
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", ...size },
        audio: false,
      });
    } catch (cause) {
      if (this.#session === session) this.#session = null;
      const name = cause instanceof Error ? cause.name : "";
      throw new CameraError(CODES[name] ?? "none", `The camera could not be opened: ${name}.`, { cause });
    }
    if (this.#session !== session) return void stop(stream); // closed while the person was being asked
    this.#stream = stream;
    this.#taken = {};
    this.video.srcObject = stream;
    await this.video.play();
  }

  close() {
    this.#session = null;
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

  /**
   * What the open camera can do, and how it is set now.
   *
   * @returns {{torch: boolean, lit: boolean, zoom: {min: number, max: number, value: number} | null}}
   */
  get abilities() {
    const track = this.#track;
    const { torch, zoom } = /** @type {any} */ (track?.getCapabilities?.() ?? {}); // not in Firefox
    const now = /** @type {Settings} */ ({ ...this.#taken, ...track?.getSettings() });
    const { min, max } = zoom ?? {};
    const zooms = max > min ? { min, max, value: now.zoom ?? min } : null;
    return { torch: Boolean(torch), lit: Boolean(now.torch), zoom: zooms };
  }

  /**
   * @param {Settings} settings within its abilities
   * @returns {Promise<void>} then `abilities` has what became of them: the device may leave all as it was
   */
  async set(settings) {
    const track = this.#track;
    const advanced = /** @type {MediaTrackConstraintSet[]} */ ([settings]);
    try {
      await track?.applyConstraints({ advanced });
    } catch {
      return; // refused
    }
    if (track === this.#track) this.#taken = { ...this.#taken, ...settings };
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
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
