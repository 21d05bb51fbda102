/** The small parts around the pictures: loading, sentences about problems, examples, what computes. */
import { element } from "./dom.js";
import { dateLocale, decimal, readingText, t } from "./i18n.js";
import { BACKEND_NAMES } from "./verdict.js";

/** @typedef {import("./reader.js").Reader} Reader */

const MEGABYTE = 1e6;
/** @type {Record<string, string>} */
const RAISED = Object.fromEntries([..."-0123456789"].map((sign, place) => [sign, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"][place]]));

/** @type {Record<"loading" | "bytes" | "check", import("./i18n.js").TextName>} */
const OF_THE_READER = { loading: "loading", bytes: "loading_bytes", check: "loading_check" };

/** A bar and a line of text until the reader, or what else a page needs, is there. */
export class Loading {
  #bar = element("progress", { max: 1 });
  #line = element("span");
  /** @type {import("./reader.js").Progress} */
  #progress = { stage: "download", loaded: 0, total: 0 };

  /** @param {HTMLElement} place @param {typeof OF_THE_READER} [names] of its sentences */
  constructor(place, names = OF_THE_READER) {
    this.place = place;
    this.names = names;
    place.replaceChildren(this.#bar, this.#line);
  }

  /** @param {import("./reader.js").Progress} progress */
  show(progress) {
    this.#progress = progress;
    this.place.hidden = progress.stage === "ready";
    if (progress.total) this.#bar.value = progress.loaded / progress.total;
    else this.#bar.removeAttribute("value");
    this.translate();
  }

  hide() {
    this.place.hidden = true;
  }

  translate() {
    const { stage, loaded, total } = this.#progress;
    const sizes = { loaded: decimal(loaded / MEGABYTE, 1), total: decimal(total / MEGABYTE, 1) };
    const downloading = total ? t(this.names.bytes, sizes) : t(this.names.loading);
    this.#line.textContent = stage === "check" ? t(this.names.check) : downloading;
    this.#bar.setAttribute("aria-label", t(this.names.loading));
  }
}

/** @typedef {{name: "problem_retry" | "problem_reload", act: () => void}} Remedy */

/** One sentence that says what to do, and a button where one can do it. */
export class Notice {
  /** @type {() => string} */
  #sentence = () => "";
  /** @type {Remedy | undefined} */
  #remedy;

  /** @param {HTMLElement} place with role="alert" */
  constructor(place) {
    this.place = place;
  }

  /**
   * @param {() => string} sentence in the page's language
   * @param {() => void} [act] what the button does
   * @param {Remedy["name"]} [name] the button's
   */
  show(sentence, act, name = "problem_retry") {
    this.#sentence = sentence;
    this.#remedy = act && { name, act };
    this.place.hidden = false;
    this.translate();
  }

  hide() {
    this.place.hidden = true;
    this.place.replaceChildren();
  }

  translate() {
    if (this.place.hidden) return;
    this.place.replaceChildren(element("p", {}, this.#sentence()));
    if (!this.#remedy) return;
    const { name, act } = this.#remedy;
    this.place.append(element("button", { type: "button", onclick: act }, t(name)));
  }
}

/** The golden pictures as buttons. */
export class Examples {
  /** @type {HTMLButtonElement[]} */
  #buttons = [];

  /**
   * @param {HTMLElement} place
   * @param {(example: {file: Blob, name: () => string, box: import("./reader.js").Box | null}) => void} onChoose
   */
  constructor(place, onChoose) {
    this.place = place;
    this.onChoose = onChoose;
  }

  /** @param {Reader} reader */
  show({ examples }) {
    this.#buttons = examples.map(({ picture, box }, index) => {
      const image = element("img", { src: URL.createObjectURL(picture), alt: "" });
      const button = element("button", { type: "button", className: "example" }, image);
      button.onclick = () => this.onChoose({ file: picture, name: () => t("example", { number: index + 1 }), box });
      return button;
    });
    this.place.querySelector("ul")?.replaceChildren(...this.#buttons.map((button) => element("li", {}, button)));
    this.place.hidden = !examples.length;
    this.translate();
  }

  translate() {
    this.#buttons.forEach((button, index) => button.setAttribute("aria-label", t("example", { number: index + 1 })));
  }
}

/** What model and what backend compute, and why this one. */
export class About {
  /** @type {Reader | null} */
  #reader = null;
  #comparing = false;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  /** @param {Reader} reader */
  show(reader) {
    this.#reader = reader;
    this.render();
  }

  translate() {
    this.render();
  }

  render() {
    const reader = this.#reader;
    if (!reader) return;
    const { card, choice } = reader;
    const created = new Date(card.created);
    const made = Number.isNaN(created.valueOf())
      ? "?"
      : created.toLocaleDateString(dateLocale(), { dateStyle: "long" });
    const chosen = { backend: BACKEND_NAMES[choice.backend], reason: t(`reason_${choice.reason}`) };
    this.place.replaceChildren(
      element("p", {}, t("about_model", { model: `${card.name} ${card.version}`, created: made })),
      promise(card.acceptance),
      element("p", { id: "choice" }, t("about_backend", chosen)),
      element("ul", { className: "candidates" }, ...this.#drawCandidates(choice.candidates)),
      this.#compareButton(reader),
    );
  }

  /** @param {import("./reader.js").Candidate[]} candidates */
  #drawCandidates(candidates) {
    return Object.entries(BACKEND_NAMES).map(([backend, name]) => {
      const found = candidates.find((candidate) => candidate.backend === backend);
      const item = element("li", {}, element("strong", {}, name), ` — ${describe(found)}`);
      item.dataset.backend = backend;
      return item;
    });
  }

  /** @param {Reader} reader */
  #compareButton(reader) {
    const label = t(this.#comparing ? "comparing" : "compare");
    const button = element("button", { type: "button", className: "quiet", disabled: this.#comparing }, label);
    button.onclick = async () => {
      this.#comparing = true;
      this.render();
      await reader.compare();
      this.#comparing = false;
      this.render();
    };
    return button;
  }
}

/**
 * What is promised of accepted readings, or that nothing is; nothing where the card does not tell.
 *
 * @param {import("./version.js").Acceptance} [acceptance]
 */
function promise({ n, error, bound, delta, target, needed, guaranteed } = {}) {
  if (!n || !error || bound === undefined || delta === undefined) return "";
  const counts = { pictures: decimal(n), accepted: decimal(error.n), wrong: decimal(error.right) };
  // Rounded up: a promise of 1.04% is none of 1%.
  const limits = { bound: decimal(Math.ceil(bound * 1000) / 10, 1), sure: decimal(100 * (1 - delta)) };
  if (guaranteed) return element("p", { id: "promise" }, t("promise_made", { ...counts, ...limits }));
  if (!target || !needed) return element("p", { id: "promise" }, t("promise_plain", { ...counts, ...limits }));
  const wanted = { target: decimal(100 * target, Number.isInteger(100 * target) ? 0 : 1), needed: decimal(needed) };
  return element("p", { id: "promise" }, t("promise_none", { ...counts, ...limits, ...wanted }));
}

/** @param {import("./reader.js").Candidate | undefined} candidate */
function describe(candidate) {
  if (!candidate) return t("candidate_untried");
  const worst = candidate.worst === undefined ? "?" : powerText(candidate.worst);
  if (candidate.trusted)
    return t("candidate_trusted", { milliseconds: decimal(candidate.milliseconds ?? 0, 1), worst });
  return t(`candidate_${candidate.why ?? "failed"}`, { worst });
}

/** @param {number} number @returns {string} such as 2.2 · 10⁻⁷ */
function powerText(number) {
  if (!Number.isFinite(number)) return "∞"; // what is no number at all is as far from right as can be
  const [factor, power] = number.toExponential(1).split("e");
  const raised = [...power.replace("+", "")].map((sign) => RAISED[sign]).join("");
  return `${readingText(factor)}\u00a0·\u00a010${raised}`;
}
