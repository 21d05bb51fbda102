/** The camera's lamp and zoom, where the device has them. */
import { element } from "./dom.js";
import { t } from "./i18n.js";

const STEPS = 6; // from the widest view to the narrowest

export class CameraTools {
  #lit = false;
  #zoom = 0;

  /** @param {HTMLElement} place @param {import("./camera.js").Camera} camera */
  constructor(place, camera) {
    this.place = place;
    this.camera = camera;
  }

  /** Offers what the camera that is open now can do. */
  show() {
    this.#lit = false;
    this.#zoom = this.camera.abilities.zoom?.value ?? 0;
    this.translate();
  }

  translate() {
    const { torch, zoom } = this.camera.abilities;
    this.place.hidden = !torch && !zoom;
    const light = () => void this.#switch();
    const buttons = torch ? [button("camera_light", t("camera_light"), light, String(this.#lit))] : [];
    if (zoom) {
      const { min, max } = zoom;
      const out = button("camera_zoom_out", "−", () => void this.#zoomTo(-1));
      const closer = button("camera_zoom_in", "+", () => void this.#zoomTo(1));
      out.disabled = this.#zoom <= min;
      closer.disabled = this.#zoom >= max;
      buttons.push(out, closer);
    }
    this.place.replaceChildren(...buttons);
  }

  async #switch() {
    this.#lit = !this.#lit;
    await this.camera.set({ torch: this.#lit });
    this.#redraw("camera_light");
  }

  /** @param {number} direction */
  async #zoomTo(direction) {
    const { zoom } = this.camera.abilities;
    if (!zoom) return;
    const wanted = this.#zoom + (direction * (zoom.max - zoom.min)) / STEPS;
    this.#zoom = Math.min(Math.max(wanted, zoom.min), zoom.max);
    await this.camera.set({ zoom: this.#zoom });
    this.#redraw(direction > 0 ? "camera_zoom_in" : "camera_zoom_out");
  }

  /** The focus stays on the button that was pressed. @param {string} name */
  #redraw(name) {
    this.translate();
    /** @type {HTMLElement | null} */ (this.place.querySelector(`[name="${name}"]`))?.focus({ preventScroll: true });
  }
}

/**
 * @param {"camera_light" | "camera_zoom_out" | "camera_zoom_in"} name
 * @param {string} label
 * @param {() => void} onclick
 * @param {string} [pressed]
 */
function button(name, label, onclick, pressed) {
  const state = pressed ? { "aria-pressed": pressed } : {};
  return element("button", { type: "button", name, onclick, "aria-label": t(name), ...state }, label);
}
