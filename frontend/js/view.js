/** One picture's card: the picture with its frame, and the reading or why there is none. */
import { Crop } from "./crop.js";
import { drawDigits } from "./digits.js";
import { element } from "./dom.js";
import { currentLanguage, decimal, percent, readingText, t } from "./i18n.js";

/**
 * @typedef {import("./reader.js").Reading} Reading
 * @typedef {import("./reader.js").Box} Box
 * @typedef {{state: "waiting"} | {state: "reading"} | {state: "read", reading: Reading}
 *   | {state: "error", sentence: () => string}} State `sentence` gives the words in the page's language
 * @typedef {object} Actions
 * @property {(box: Box | null) => void} onBox
 * @property {() => void} onTurn
 * @property {() => void} onRemove
 */

export const BACKEND_NAMES = { wasm: "WebAssembly", webgl: "WebGL", webgpu: "WebGPU" };

export class ResultView {
  /** @type {State} */
  #state = { state: "waiting" };
  /** @type {Crop | null} */
  #crop = null;
  #address = "";
  #picture = element("div", { className: "picture" });
  #answer = element("div", { className: "answer" });

  /** @param {() => string} name in the page's language @param {Actions} actions */
  constructor(name, actions) {
    this.nameOf = name;
    this.actions = actions;
    this.element = element("article", { className: "result", tabIndex: -1 }, this.#picture, this.#answer);
    this.render();
  }

  get name() {
    return this.nameOf();
  }

  /** Shows a picture, which the reader has been able to open. @param {Blob} file @param {Box | null} box */
  async showPicture(file, box) {
    this.#release();
    this.#address = URL.createObjectURL(file);
    const image = element("img", { src: this.#address, alt: this.name });
    await image.decode();
    this.#crop = new Crop(image, box, (changed) => this.actions.onBox(changed));
    this.#renderPicture();
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    this.element.dataset.state = state.state;
    this.element.setAttribute("aria-busy", String(state.state === "waiting" || state.state === "reading"));
    this.#answer.replaceChildren(...this.#drawAnswer());
  }

  /** Draws all anew, in the page's language. */
  render() {
    this.element.setAttribute("aria-label", this.name);
    this.#crop?.translate();
    this.#renderPicture();
    this.show(this.#state);
  }

  remove() {
    this.#release();
    this.element.remove();
  }

  #release() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }

  #renderPicture() {
    const crop = this.#crop;
    if (!crop) return;
    const whole = element("button", { type: "button", className: "quiet" }, t("whole"));
    whole.onclick = () => {
      crop.set(null);
      this.actions.onBox(null);
    };
    const turn = element(
      "button",
      { type: "button", className: "quiet", "aria-label": t("turn_label") },
      `↻ ${t("turn")}`,
    );
    turn.onclick = () => this.actions.onTurn();
    const hint = element("p", { className: "hint" }, t("crop_hint"));
    const tools = element("div", { className: "tools" }, whole, turn);
    this.#picture.replaceChildren(crop.element, tools, hint);
  }

  /** @returns {(Node | string)[]} */
  #drawAnswer() {
    const head = element(
      "header",
      { className: "result-head" },
      element("span", { className: "name" }, this.name),
      this.#removeButton(),
    );
    const state = this.#state;
    if (state.state === "read") return [head, ...drawReading(state.reading)];
    if (state.state === "error") return [head, element("p", { className: "failure", role: "alert" }, state.sentence())];
    return [head, element("p", { className: "pending" }, t(state.state))];
  }

  #removeButton() {
    const named = t("remove_named", { name: this.name });
    const button = element(
      "button",
      { type: "button", className: "quiet remove", title: named, "aria-label": named },
      "×",
    );
    button.onclick = () => this.actions.onRemove();
    return button;
  }
}

/** @param {Reading} reading @returns {(Node | string)[]} */
function drawReading(reading) {
  return [...(reading.accepted ? drawAccepted(reading) : drawRefused(reading)), drawFacts(reading)];
}

/** @param {Reading} reading */
function drawAccepted(reading) {
  const number = element(
    "strong",
    { className: "number", dataset: { value: reading.value } },
    readingText(reading.text),
  );
  const sure = element("span", { className: "sure" }, t("sure", { percent: percent(reading.confidence) }));
  return [
    element("div", { className: "verdict accepted" }, number, sure, copyButton(reading)),
    drawDigits(reading),
    drawNoDecimals(reading),
  ];
}

/** The sentence takes the number's place; the best guess is small, and called one. @param {Reading} reading */
function drawRefused(reading) {
  const why = t(reading.reason === "no_display" ? "why_no_display" : "why_doubtful");
  const sentence = element("p", {}, element("strong", {}, `${t("not_sure")}: `), why);
  const verdict = element("div", { className: "verdict refused", dataset: { reason: reading.reason } }, sentence);
  if (reading.reason === "no_display") return [verdict];
  const guess = element(
    "strong",
    { className: "guessed", dataset: { value: reading.value } },
    readingText(reading.text),
  );
  const sure = ` (${t("sure", { percent: percent(reading.confidence) })})`;
  const line = element("p", { className: "guess" }, `${t("best_guess")} `, guess, sure);
  const digits = drawDigits(reading);
  digits.classList.add("small");
  return [verdict, line, digits];
}

/** Where no point is drawn, its absence is a statement with its own certainty. @param {Reading} reading */
function drawNoDecimals({ decimals, pointConfidence }) {
  return decimals ? "" : element("p", { className: "hint" }, t("no_decimals", { percent: percent(pointConfidence) }));
}

/** @param {Reading} reading */
function copyButton(reading) {
  const button = element("button", { type: "button", className: "copy" }, t("copy"));
  button.onclick = async () => {
    const done = await copy(readingText(reading.text));
    button.textContent = t(done ? "copied" : "copy_failed");
  };
  return button;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not allowed, or a page without https
  }
}

/** @param {Reading} reading */
function drawFacts({ milliseconds, backend, model, version }) {
  const facts = [
    [t("time"), t("milliseconds", { number: decimal(milliseconds, milliseconds < 10 ? 1 : 0) })],
    [t("computed_by"), BACKEND_NAMES[backend]],
    [t("model"), `${model} ${version}`],
    [t("stayed"), t("everything")],
  ];
  const pairs = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("dl", { className: "facts", lang: currentLanguage() }, ...pairs);
}
