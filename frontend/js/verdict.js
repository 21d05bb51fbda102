/** A reading drawn: the number or why there is none, each digit, how it was made. */
import { drawDigits } from "./digits.js";
import { element } from "./dom.js";
import { currentLanguage, decimal, percent, readingText, t } from "./i18n.js";

/**
 * @typedef {import("./reader.js").Reading} Reading
 *
 * @typedef {object} Verdict what is said instead of what the picture alone says
 * @property {string} text
 * @property {boolean} accepted
 * @property {boolean} corrected whether a person has said so
 * @property {number} probability 0 to 1
 * @property {boolean} withPast whether the earlier readings have a say in that
 * @property {() => string} doubt why it is not accepted, in the page's language
 * @property {{digit: number, confidence: number, changed?: boolean}[]} digits
 * @property {number} decimals
 * @property {() => {kind: string, text: string}[]} remarks in the page's language; `kind` is for programs
 */

const COPIED_MS = 5000; // how long it is said

export const BACKEND_NAMES = { wasm: "WebAssembly", webgl: "WebGL", webgpu: "WebGPU" };

/** @param {Reading} reading @param {Verdict | null} verdict null where the picture alone counts @returns {(Node | string)[]} */
export function drawReading(reading, verdict) {
  if (!verdict) return reading.accepted ? [...drawAccepted(alone(reading)), noDecimals(reading)] : drawRefused(reading);
  const said = verdict.accepted ? drawAccepted(verdict) : drawDoubtful(verdict, verdict.doubt());
  return [...said, ...drawRemarks(verdict)];
}

/** @param {Verdict} verdict @returns {HTMLElement[]} */
export function drawRemarks(verdict) {
  return verdict.remarks().map(({ kind, text }) => element("p", { className: "remark", dataset: { kind } }, text));
}

/** What is announced to those who do not see the page. @param {Reading} reading @param {Verdict | null} verdict */
export function spoken(reading, verdict) {
  const { accepted, text, probability, remarks, doubt } = verdict ?? alone(reading);
  const said = accepted
    ? t("announce_accepted", { text: readingText(text), percent: percent(probability) })
    : `${t("not_sure")}: ${doubt()}`;
  return [said, ...remarks().map((remark) => remark.text)].join(" ");
}

/** @param {Reading} reading @param {import("./i18n.js").TextName} stayed what stayed on the device */
export function drawFacts({ milliseconds, backend, model, version }, stayed) {
  const facts = [
    [t("time"), timeText(milliseconds)],
    [t("computed_by"), BACKEND_NAMES[backend]],
    [t("model"), `${model} ${version}`],
    [t("stayed"), t(stayed)],
  ];
  const pairs = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("dl", { className: "facts", lang: currentLanguage() }, ...pairs);
}

/** @param {number} milliseconds */
function timeText(milliseconds) {
  if (milliseconds >= 1000) return t("seconds", { number: decimal(milliseconds / 1000, 1) });
  return t("milliseconds", { number: decimal(milliseconds, milliseconds < 10 ? 1 : 0) });
}

/** @param {Reading} reading @returns {Verdict & {pointConfidence: number}} */
function alone({ text, accepted, reason, confidence, digits, decimals, pointConfidence }) {
  const said = { text, accepted, digits, decimals, pointConfidence, withPast: false };
  const doubt = () => t(reason === "no_display" ? "why_no_display" : "why_doubtful");
  return { ...said, corrected: false, probability: confidence, remarks: () => [], doubt };
}

/** @param {Verdict & {pointConfidence?: number}} verdict @returns {(Node | string)[]} */
function drawAccepted(verdict) {
  const { text, corrected, probability, withPast } = verdict;
  const number = element("strong", { className: "number", dataset: { value: text } }, readingText(text));
  const how = corrected ? t("sense_by_person") : t(withPast ? "sense_sure" : "sure", { percent: percent(probability) });
  const line = element("div", { className: "verdict accepted" }, number, element("span", { className: "sure" }, how));
  line.append(...copying(text));
  return corrected ? [line] : [line, drawDigits(verdict)];
}

/** @param {Reading} reading */
function drawRefused(reading) {
  const said = alone(reading);
  if (reading.reason === "no_display") return [refusal(said.doubt(), "no_display")];
  return drawDoubtful(said, said.doubt(), ` ${t("sure_guess", { percent: percent(reading.confidence) })}`);
}

/**
 * The sentence takes the number's place; the best guess is small, and called one.
 *
 * @param {Verdict & {pointConfidence?: number}} verdict
 * @param {string} why
 * @param {string} [sure] how sure the guess is, where that is known
 */
function drawDoubtful(verdict, why, sure = "") {
  const guess = element(
    "strong",
    { className: "guessed", dataset: { value: verdict.text } },
    readingText(verdict.text),
  );
  const line = element("p", { className: "guess" }, `${t("best_guess")} `, guess, sure);
  const digits = drawDigits(verdict);
  digits.classList.add("small");
  return [refusal(why, "doubtful"), line, digits];
}

/** @param {string} why @param {string} reason */
function refusal(why, reason) {
  const sentence = element("p", {}, element("strong", {}, `${t("not_sure")}: `), why);
  return element("div", { className: "verdict refused", dataset: { reason } }, sentence);
}

/** Where no point is drawn, its absence is a statement with its own certainty. @param {Reading} reading */
function noDecimals({ decimals, pointConfidence }) {
  return decimals ? "" : element("p", { className: "hint" }, t("no_decimals", { percent: percent(pointConfidence) }));
}

/** @param {string} text @returns {HTMLElement[]} the button, and where it is said that the browser does not let it */
function copying(text) {
  const button = element("button", { type: "button", className: "copy" }, t("copy"));
  const refused = element("span", { className: "copy-refused hint", role: "alert" });
  button.onclick = async () => {
    const done = await copy(readingText(text));
    button.textContent = t(done ? "copied" : "copy");
    setTimeout(() => (button.textContent = t("copy")), COPIED_MS);
    refused.textContent = done ? "" : t("copy_failed");
  };
  return [button, refused];
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
