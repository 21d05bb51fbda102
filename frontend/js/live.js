/** The camera's panel: the picture with its frame to aim, the reading as it changes, and the button that takes it. */
import { Camera, CameraError } from "./camera.js";
import { drawDigits } from "./digits.js";
import { element } from "./dom.js";
import { percent, readingText, t } from "./i18n.js";

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<import("./reader.js").Reader>} reader
 * @property {(sentence: string) => void} announce
 * @property {(file: Blob, box: import("./reader.js").Box) => void} onTaken
 * @property {() => void} onClosed takes the focus back
 * @property {(code: import("./camera.js").CameraErrorCode) => void} onProblem
 */

/** Between two readings, in milliseconds: eyes follow no faster, and the battery lasts longer. */
const PAUSE = 120;

export class LiveCamera {
  #video;
  #camera;
  #said = "";

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
    /** @type {HTMLElement} */ (panel.querySelector(".close")).onclick = () => this.close();
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.#video.addEventListener("resize", () => this.#placeAim());
  }

  async open() {
    if (this.#camera.isOpen) return;
    this.#show(element("p", {}, `${t("camera_start")} ${t("camera_ask")}`));
    this.panel.hidden = false;
    this.takeButton.disabled = true;
    try {
      await this.#camera.open();
    } catch (error) {
      this.close();
      if (error instanceof CameraError) return this.surroundings.onProblem(error.code);
      throw error;
    }
    if (!this.#camera.isOpen) return;
    this.#placeAim();
    this.takeButton.disabled = false;
    this.takeButton.focus({ preventScroll: true });
    this.panel.scrollIntoView({ block: "nearest" });
    await this.#readOn();
  }

  close() {
    const hadFocus = this.panel.contains(document.activeElement);
    this.#camera.close();
    this.panel.hidden = true;
    if (hadFocus) this.surroundings.onClosed();
  }

  translate() {
    if (this.#camera.isOpen) this.#show(element("p", {}, t("camera_hint")));
  }

  async #take() {
    const box = this.#camera.aim;
    const file = await this.#camera.take();
    this.close();
    this.surroundings.onTaken(file, box);
  }

  /** Reads frame after frame until the camera is closed. */
  async #readOn() {
    this.#show(element("p", {}, t("waiting")));
    const reader = await this.surroundings.reader();
    while (this.#camera.isOpen) {
      try {
        const reading = await reader.read(this.#video, { box: this.#camera.aim });
        if (this.#camera.isOpen) this.#showReading(reading);
      } catch {
        if (this.#camera.isOpen) this.#show(element("p", {}, t("camera_start"))); // no frame yet
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** @param {import("./reader.js").Reading} reading */
  #showReading(reading) {
    if (!reading.accepted) {
      const hint = t(reading.reason === "no_display" ? "why_no_display" : "camera_hint");
      this.#show(element("p", {}, element("strong", {}, `${t("not_sure")}: `), hint));
      return;
    }
    const shown = { text: readingText(reading.text), percent: percent(reading.confidence) };
    const number = element("strong", { className: "number", dataset: { value: reading.value } }, shown.text);
    const sure = element("span", { className: "sure" }, t("sure", { percent: shown.percent }));
    this.#show(element("div", { className: "verdict accepted" }, number, sure), drawDigits(reading));
    if (this.#said !== reading.text) this.surroundings.announce(t("announce_accepted", shown));
    this.#said = reading.text;
  }

  /** @param {...Node} nodes */
  #show(...nodes) {
    this.answer.replaceChildren(...nodes);
  }

  /** The frame on screen is the box that is read. */
  #placeAim() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return;
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
