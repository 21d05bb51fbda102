/**
 * `<meter-reader>`: a field of a form that takes a photo of a meter and holds its reading.
 *
 *     <script type="module" src="js/element.js"></script>
 *     <meter-reader name="reading" model="/static/model/" lang="en" required></meter-reader>
 *
 * `model`: folder that holds current.json; `lang`: `en` or `ru`, else that of what is around it; `name`, `required` and
 * `disabled` as those of any field. Its value goes with the form once it is sure: read for certain, or confirmed or typed
 * in by a person. Fires `reading` with the reader's Reading as `detail`, `change` when the value changes, and
 * `readingerror` with the error. The photo stays on the device.
 */
import { MARKUP, sheet, takePhotos } from "./element_parts.js";
import { FormField } from "./form_field.js";
import { createReader } from "./reader.js";
import { encode } from "./reading.js";
import { elementText } from "./texts_element.js";

/** @typedef {import("./reader.js").PhotoReading} PhotoReading */
/** @typedef {import("./texts_element.js").ElementText} ElementText */
/**
 * @typedef {"loading" | "reading" | "sure" | "doubtful" | "confirmed" | "no_display" | "failed" | "unavailable" | "invalid"} Word
 */

/** One reader for all elements with the same model. @type {Map<string, Promise<import("./reader.js").Reader>>} */
const readers = new Map();

/** Codes of errors that are the reader's, not the photo's. */
const LOST = ["download", "broken", "backend", "worker", "closed"];
/** What is said when no reading came of a photo, or of what was typed. @type {(Word | null)[]} */
const FAILURES = ["no_display", "failed", "unavailable", "invalid"];

export class MeterReader extends FormField {
  static observedAttributes = ["lang", "required"];

  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  /** @type {PhotoReading | null} */
  #reading = null;
  #value = "";
  #told = ""; // the value that the page knows of
  /** @type {Word | null} */
  #word = null;
  #latest = 0;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.innerHTML = MARKUP; // fixed text: nothing in it comes from outside
    takePhotos(this.#root, (photo) => this.matches(":disabled") || void this.read(photo));
    const field = this.#field;
    field.addEventListener("input", () => this.#typed());
    field.addEventListener("change", () => this.#confirm());
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.#confirm());
    this.#part(".right").addEventListener("click", () => {
      this.#confirm();
      this.#part(".words").focus({ preventScroll: true }); // the button is gone; in the field a phone opens its keyboard
    });
    this.addEventListener("pointerenter", () => this.#warm(), { once: true });
    this.addEventListener("focusin", () => this.#warm(), { once: true });
  }

  connectedCallback() {
    this.#translate();
  }

  attributeChangedCallback() {
    this.#translate();
  }

  /** @param {boolean} disabled */
  formDisabledCallback(disabled) {
    for (const part of this.#root.querySelectorAll("button, input")) {
      /** @type {HTMLButtonElement | HTMLInputElement} */ (part).disabled = disabled;
    }
  }

  formResetCallback() {
    this.#reading = null;
    this.value = "";
  }

  /** @param {string} state */
  formStateRestoreCallback(state) {
    this.value = state;
  }

  /** The reading in its exact text, empty while there is none that is sure. */
  get value() {
    return this.#value;
  }

  set value(text) {
    this.#latest++;
    this.#say(null);
    this.#field.value = this.#shown(text);
    this.#keep(text);
    this.#told = text;
  }

  /** What the reader said of the last photo. */
  get reading() {
    return this.#reading;
  }

  /**
   * Reads a photo; what was asked or held before is void.
   *
   * @param {Blob} photo
   * @returns {Promise<PhotoReading | null>} null when it could not be read, or something newer came, even if typed
   */
  async read(photo) {
    const turn = ++this.#latest;
    this.#reading = null;
    this.#say("loading");
    this.#empty();
    try {
      const reader = await this.#reader();
      if (turn === this.#latest) this.#say("reading");
      const reading = await reader.readPhoto(photo);
      if (turn !== this.#latest) return null;
      this.#show(reading);
      return reading;
    } catch (error) {
      if (turn === this.#latest) this.#fail(error);
      return null;
    }
  }

  /** What was read of another photo, or typed before this one, goes with no form. */
  #empty() {
    this.#field.value = "";
    this.#keep("");
    this.#changed();
  }

  /** @param {PhotoReading} reading */
  #show(reading) {
    this.#reading = reading;
    const { accepted, reason, text } = reading;
    this.#field.value = reason === "no_display" ? "" : this.#shown(text);
    this.#say(accepted ? "sure" : reason === "no_display" ? "no_display" : "doubtful");
    this.#keep(accepted ? text : "");
    this.dispatchEvent(new CustomEvent("reading", { detail: reading, bubbles: true, composed: true }));
    this.#changed();
  }

  /** @param {unknown} error */
  #fail(error) {
    const code = /** @type {{code?: string}} */ (error)?.code ?? "failed";
    const lost = LOST.includes(code);
    if (lost) readers.delete(this.#model); // the next photo tries again
    this.#say(lost ? "unavailable" : "failed");
    this.dispatchEvent(new CustomEvent("readingerror", { detail: error, bubbles: true, composed: true }));
  }

  get #field() {
    return this.#part("input.value");
  }

  /** @param {string} selector @returns {any} */
  #part(selector) {
    return this.#root.querySelector(selector);
  }

  get #language() {
    const tag = this.closest("[lang]")?.getAttribute("lang") ?? "";
    return tag.toLowerCase().startsWith("ru") ? "ru" : "en";
  }

  /** @param {string} text as this language writes it */
  #shown(text) {
    return this.#language === "ru" ? text.replace(".", ",") : text;
  }

  #typed() {
    this.#latest++; // who types does not wait for the photo
    this.#say(null);
    this.#keep(exact(this.#field.value) ?? "");
  }

  /** A person has seen what the field holds. */
  #confirm() {
    if (this.#isBusy) return; // there is nothing to be seen yet
    const text = exact(this.#field.value);
    if (text !== null) this.#keep(text);
    const isInvalid = text === null && this.#field.value.trim();
    this.#say(isInvalid ? "invalid" : this.#word === "doubtful" ? "confirmed" : null);
    this.#changed();
  }

  #changed() {
    if (this.#value === this.#told) return;
    this.#told = this.#value;
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The value that goes with the form, and whether it may. @param {string} text exact, or empty */
  #keep(text) {
    this.#value = text;
    this.internals.setFormValue(text || null, text);
    this.#judge();
  }

  /** Whether the form may be sent, and if not, why. */
  #judge() {
    const typed = this.#field.value.trim();
    const mayBeEmpty = !typed && !this.hasAttribute("required");
    if (!this.#isBusy && (this.#value || mayBeEmpty)) return this.internals.setValidity({});
    const flags = this.#isBusy || typed ? { customError: true } : { valueMissing: true };
    this.internals.setValidity(flags, elementText(this.#language, this.#wanting(typed)), this.#field);
  }

  /** @param {string} typed @returns {ElementText} */
  #wanting(typed) {
    if (this.#isBusy) return "busy";
    if (typed) return exact(typed) === null ? "invalid" : "unconfirmed";
    return this.#word && FAILURES.includes(this.#word) ? this.#word : "required"; // a photo was taken: what came of it
  }

  get #isBusy() {
    return this.#word === "loading" || this.#word === "reading";
  }

  /** @param {Word | null} word */
  #say(word) {
    this.#word = word;
    const { classList } = this.#part(".box");
    classList.toggle("doubtful", word === "doubtful");
    classList.toggle("wrong", FAILURES.includes(word));
    this.#part(".right").hidden = word !== "doubtful";
    const words = word ? elementText(this.#language, word, this.#reading?.confidence) : "";
    this.#part(".words").textContent = words;
    this.setAttribute("aria-busy", String(this.#isBusy));
    this.#judge();
  }

  #translate() {
    for (const name of /** @type {const} */ (["prompt", "choose", "camera", "label", "right"])) {
      this.#part(`.${name}`).textContent = elementText(this.#language, name);
    }
    this.#say(this.#word);
  }

  /** Loads the reader ahead, at the first sign of use. */
  #warm() {
    this.#reader().catch(() => undefined); // said when a photo comes
  }

  get #model() {
    return new URL(this.getAttribute("model") ?? "/static/model/", document.baseURI).href;
  }

  #reader() {
    const model = this.#model;
    const found = readers.get(model) ?? createReader({ model });
    readers.set(model, found);
    found.catch(() => readers.delete(model));
    return found;
  }
}

/** The reading that was typed, with a point; null when it is none. @param {string} typed */
function exact(typed) {
  const text = typed.trim().replace(",", ".");
  try {
    encode(text);
    return text;
  } catch {
    return null;
  }
}

customElements.define("meter-reader", MeterReader);
