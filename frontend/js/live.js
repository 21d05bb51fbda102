/**
 * The camera's panel: the picture with the display's outline or a frame to aim, the reading as it changes, and what is
 * in the way of one. Once several different frames agree, the last of them is taken by itself.
 */
import { Camera, CameraError, pictureOf } from "./camera.js";
import { CameraTools } from "./camera_tools.js";
import { drawDigits } from "./digits.js";
import { element } from "./dom.js";
import { Agreement, trouble } from "./frames.js";
import { percent, readingText, t } from "./i18n.js";
import { drawn } from "./outline_frame.js";
import { drawRemarks, spoken } from "./verdict.js";

/**
 * @typedef {import("./reader.js").PhotoReading} PhotoReading
 * @typedef {import("./crop.js").Place} Place
 * @typedef {import("./verdict.js").Verdict} Verdict
 * @typedef {object} Surroundings
 * @property {() => Promise<import("./reader.js").Reader>} reader
 * @property {() => import("./sense/sense.js").Sense | null} sense null as long as nothing is known of meters
 * @property {(sentence: string) => void} announce
 * @property {(file: Blob, place: Place) => void} onTaken
 * @property {() => void} onClosed takes the focus back
 * @property {(code: import("./camera.js").CameraErrorCode) => void} onProblem
 */

/** Between two readings, in milliseconds: the page stays alive, and the battery lasts longer. */
const PAUSE = 10;
const UNREAD = { reading: null, verdict: null, meter: null };

export class LiveCamera {
  #video;
  #camera;
  #said = "";
  #outline = drawn("svg", "found");
  #area = drawn("polygon", "area");
  #agreement = new Agreement();
  /** Where the display was in the frame before. @type {import("./quad.js").Corners | null} */
  #corners = null;
  /** The frame that the panel speaks of. @type {{frame: ImageBitmap, place: Place} | null} */
  #shown = null;
  /** The most room that an answer has taken, in pixels: what is below it does not jump back up under a finger. */
  #room = 0;

  /** @param {HTMLElement} panel @param {Surroundings} surroundings */
  constructor(panel, surroundings) {
    this.panel = panel;
    this.surroundings = surroundings;
    this.#video = /** @type {HTMLVideoElement} */ (panel.querySelector("video"));
    this.#camera = new Camera(this.#video);
    this.aim = /** @type {HTMLElement} */ (panel.querySelector(".aim"));
    this.answer = /** @type {HTMLElement} */ (panel.querySelector(".live"));
    this.takeButton = /** @type {HTMLButtonElement} */ (panel.querySelector(".take"));
    this.takeButton.onclick = () => void this.#take();
    this.tools = new CameraTools(/** @type {HTMLElement} */ (panel.querySelector(".camera-tools")), this.#camera);
    /** @type {HTMLElement} */ (panel.querySelector(".close")).onclick = () => this.close();
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.#video.addEventListener("resize", () => this.#placeAim());
    this.#outline.append(this.#area);
    this.#outline.setAttribute("aria-hidden", "true");
    this.aim.after(this.#outline);
  }

  async open() {
    if (this.#camera.isOpen) return this.#takeFocus();
    this.#room = 0;
    this.panel.hidden = false;
    this.#show(element("p", {}, `${t("camera_start")} ${t("camera_ask")}`));
    this.takeButton.disabled = true;
    this.#drawOutline(null);
    const opened = this.#camera.open();
    const { session } = this.#camera;
    try {
      await opened;
    } catch (error) {
      if ((this.#camera.session ?? session) !== session) return; // closed meanwhile, and opened again
      this.close();
      if (error instanceof CameraError) return this.surroundings.onProblem(error.code);
      throw error;
    }
    if (!session || this.#camera.session !== session) return;
    this.#placeAim();
    this.tools.show();
    this.takeButton.disabled = false;
    this.#takeFocus();
    await this.#readOn(session);
  }

  #takeFocus() {
    this.takeButton.focus({ preventScroll: true });
    this.panel.scrollIntoView({ block: "nearest" });
  }

  close() {
    const hadFocus = this.panel.contains(document.activeElement);
    this.#camera.close();
    this.#keep(null);
    this.panel.hidden = true;
    if (hadFocus) this.surroundings.onClosed();
  }

  translate() {
    if (!this.#camera.isOpen) return;
    this.#show(element("p", {}, t("camera_hint")));
    this.tools.translate();
  }

  /** Takes the frame that was read last, as it was read; before any was, what the camera sees. */
  async #take() {
    const { frame, place } = this.#shown ?? { frame: await this.#camera.frame(), place: this.#camera.aim };
    this.#shown = null; // or it would be closed with the camera
    if (frame) await this.#hand(frame, place).finally(() => frame.close());
  }

  /** @param {{frame: ImageBitmap, place: Place} | null} shown */
  #keep(shown) {
    this.#shown?.frame.close();
    this.#shown = shown;
  }

  /** The camera closes; its last frame stays, as a picture to be read. @param {ImageBitmap} frame @param {Place} place */
  async #hand(frame, place) {
    if (!this.#camera.isOpen) return;
    this.close();
    this.surroundings.onTaken(await pictureOf(frame), place);
  }

  /** Reads frame after frame until the camera is closed. @param {object} session */
  async #readOn(session) {
    this.#show(element("p", {}, t("waiting")));
    this.#agreement = new Agreement();
    this.#said = "";
    const reader = await this.surroundings.reader();
    while (this.#camera.session === session) {
      const frame = await this.#camera.frame().catch(() => null);
      if (!frame) this.#show(element("p", {}, t("camera_start")));
      else if (!(await this.#readFrame(session, reader, frame))) frame.close();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /**
   * @param {object} session of the camera, whose frame it is
   * @param {import("./reader.js").Reader} reader
   * @param {ImageBitmap} frame
   * @returns {Promise<boolean>} whether it is kept
   */
  async #readFrame(session, reader, frame) {
    const { aim } = this.#camera;
    const where = { before: this.#corners, box: aim, again: false };
    const read = (/** @type {import("./reader.js").Learned | null} */ learned) =>
      reader.readPhoto(frame, { ...where, learned });
    const { reading, verdict, meter } = await this.#glance(read).catch(() => UNREAD);
    if (!reading || this.#camera.session !== session) return false;
    const place = reading.corners ?? aim;
    this.#drawOutline(reading.corners);
    this.#showReading(reading, verdict, meter);
    const alone = reading.accepted ? reading.text : null; // what cannot be is taken, too: a person is to decide
    const text = verdict?.accepted ? verdict.text : alone;
    if (this.#agreement.add(text, reading.quality.fingerprint)) await this.#hand(frame, place);
    const isOpen = this.#camera.session === session;
    if (isOpen) this.#keep({ frame, place });
    return isOpen;
  }

  /**
   * Reads a frame as its picture would be read: beside the past of the meter that is chosen, and with what was learned.
   *
   * @param {(learned: import("./reader.js").Learned | null) => Promise<PhotoReading>} read
   */
  async #glance(read) {
    const sense = this.surroundings.sense();
    return sense ? sense.glance(read) : { reading: await read(null), verdict: null, meter: null };
  }

  /** @param {PhotoReading} reading @param {Verdict | null} verdict @param {{name: string} | null} meter */
  #showReading(reading, verdict, meter) {
    const { accepted, text, probability } = verdict ?? { ...reading, probability: reading.confidence };
    if (!accepted && !(verdict && reading.accepted)) return this.#showTrouble(reading);
    const number = element("strong", { className: "number", dataset: { value: text } }, readingText(text));
    const sure = element("span", { className: "sure" }, t("sure", { percent: percent(probability) }));
    const doubt = element("p", {}, element("strong", {}, `${t("not_sure")}: `), readingText(text));
    const said = accepted ? element("div", { className: "verdict accepted" }, number, sure) : doubt;
    const whose = meter && verdict ? [element("p", { className: "hint" }, `${t("sense_meter")}: ${meter.name}`)] : [];
    this.#show(said, drawDigits(verdict ?? reading), ...whose, ...(verdict ? drawRemarks(verdict) : []));
    this.#say(spoken(reading, verdict));
  }

  /** What to do about it; where no display was found, also where to hold one. @param {PhotoReading} reading */
  #showTrouble({ reason, corners, quality }) {
    const found = trouble(quality, corners);
    const hint = t(`camera_${found ?? (reason === "no_display" ? "nothing" : "doubtful")}`);
    const sure = element("strong", {}, `${t("not_sure")}: `);
    const line = element("p", { dataset: { trouble: found ?? "" } }, sure, hint);
    const where = found && !corners ? [element("p", { className: "hint" }, t("camera_hint"))] : [];
    this.#show(line, ...where);
    if (found) this.#say(hint);
  }

  /** To those who do not see the page, once. @param {string} sentence */
  #say(sentence) {
    if (this.#said !== sentence) this.surroundings.announce(sentence);
    this.#said = sentence;
  }

  /** @param {...Node} nodes */
  #show(...nodes) {
    this.answer.style.minHeight = "";
    this.answer.replaceChildren(...nodes);
    this.#room = Math.max(this.#room, this.answer.offsetHeight);
    this.answer.style.minHeight = `${this.#room}px`;
  }

  /** The outline takes the place of the frame to aim. @param {import("./quad.js").Corners | null} corners */
  #drawOutline(corners) {
    this.#corners = corners;
    this.aim.hidden = Boolean(corners);
    this.#outline.classList.toggle("shown", Boolean(corners));
    this.#area.setAttribute("points", (corners ?? []).flat().join(" "));
  }

  /** The frame on screen is the box that is read. */
  #placeAim() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return;
    this.#outline.setAttribute("viewBox", `0 0 ${videoWidth} ${videoHeight}`);
    const { x, y, width, height } = this.#camera.aim;
    const parts = {
      left: x / videoWidth,
      top: y / videoHeight,
      width: width / videoWidth,
      height: height / videoHeight,
    };
    for (const [name, part] of Object.entries(parts)) this.aim.style.setProperty(name, `${part * 100}%`);
  }
}
