/** The camera's lamp and zoom, where the device has them. */
import { element } from "./dom.js";
import { t } from "./i18n.js";

const STEPS = 6; // from the widest view to the narrowest

const NEAR = 1e-6; // between two zooms that are the same, by the whole range

export class CameraTools {
  /** Set one after the other, so that each begins where the one before ended. @type {Promise<void>} */
  #setting = Promise.resolve();
  /** What the device left undone of what was asked last. @type {"" | "camera_unlit" | "camera_unzoomed"} */
  #undone = "";
  #said = element("span", { className: "hint", role: "status" });

  /** @param {HTMLElement} place @param {import("./camera.js").Camera} camera */
  constructor(place, camera) {
    this.place = place;
    this.place.append(this.#said);
    this.camera = camera;
  }

  /** Offers what the camera that is open now can do. */
  show() {
    this.#undone = "";
    this.translate();
  }

  translate() {
    const { torch, lit, zoom } = this.camera.abilities;
    this.place.hidden = !torch && !zoom;
    const light = () => this.#ask(() => this.#switch());
    const buttons = torch ? [button("camera_light", t("camera_light"), light, String(lit))] : [];
    if (zoom) {
      const out = button("camera_zoom_out", "−", () => this.#ask(() => this.#zoomTo(-1)));
      const closer = button("camera_zoom_in", "+", () => this.#ask(() => this.#zoomTo(1)));
      out.disabled = zoom.value <= zoom.min;
      closer.disabled = zoom.value >= zoom.max;
      buttons.push(out, closer);
    }
    for (const old of [...this.place.children]) if (old !== this.#said) old.remove(); // what is said must stay to be heard
    this.place.prepend(...buttons);
    this.#said.textContent = this.#undone && t(this.#undone);
  }

  /** @param {() => Promise<void>} work */
  #ask(work) {
    this.#setting = this.#setting.then(work);
  }

  async #switch() {
    const wanted = !this.camera.abilities.lit;
    await this.camera.set({ torch: wanted });
    this.#undone = this.camera.abilities.lit === wanted ? "" : "camera_unlit";
    this.#redraw("camera_light");
  }

  /** @param {number} direction */
  async #zoomTo(direction) {
    const { zoom } = this.camera.abilities;
    if (!zoom) return;
    const range = zoom.max - zoom.min;
    const wanted = Math.min(Math.max(zoom.value + (direction * range) / STEPS, zoom.min), zoom.max);
    await this.camera.set({ zoom: wanted });
    const now = this.camera.abilities.zoom?.value ?? zoom.value;
    const stayed = Math.abs(now - zoom.value) <= NEAR * range && wanted !== zoom.value;
    this.#undone = stayed ? "camera_unzoomed" : "";
    this.#redraw(direction > 0 ? "camera_zoom_in" : "camera_zoom_out");
  }

  /** The focus stays on the button that was pressed, or near it. @param {string} name */
  #redraw(name) {
    this.translate();
    const pressed = this.place.querySelector(`button[name="${name}"]:enabled`); // not at the end of a zoom
    const button = /** @type {HTMLElement | null} */ (pressed ?? this.place.querySelector("button:enabled"));
    button?.focus({ preventScroll: true });
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
