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
 * @property {{digit: number, confidence: number, changed?: boolean}[]} digits
 * @property {number} decimals
 * @property {() => {kind: string, text: string}[]} remarks in the page's language; `kind` is for programs
 */

export const BACKEND_NAMES = { wasm: "WebAssembly", webgl: "WebGL", webgpu: "WebGPU" };

/** @param {Reading} reading @param {Verdict | null} verdict null where the picture alone counts @returns {(Node | string)[]} */
export function drawReading(reading, verdict) {
  if (!verdict) return reading.accepted ? [...drawAccepted(alone(reading)), noDecimals(reading)] : drawRefused(reading);
  const said = verdict.accepted ? drawAccepted(verdict) : drawDoubtful(verdict, t("sense_doubtful"));
  return [...said, ...drawRemarks(verdict)];
}

/** @param {Verdict} verdict @returns {HTMLElement[]} */
export function drawRemarks(verdict) {
  return verdict.remarks().map(({ kind, text }) => element("p", { className: "remark", dataset: { kind } }, text));
}

/** What is announced to those who do not see the page. @param {Reading} reading @param {Verdict | null} verdict */
export function spoken(reading, verdict) {
  const { accepted, text, probability, remarks } = verdict ?? alone(reading);
  const why = reading.reason === "no_display" ? "why_no_display" : "why_doubtful";
  const said = accepted
    ? t("announce_accepted", { text: readingText(text), percent: percent(probability) })
    : `${t("not_sure")}: ${t(verdict ? "sense_doubtful" : why)}`;
  return [said, ...remarks().map((remark) => remark.text)].join(" ");
}

/** @param {Reading} reading @param {boolean} sent whether its correction has left the device */
export function drawFacts({ milliseconds, backend, model, version }, sent) {
  const facts = [
    [t("time"), t("milliseconds", { number: decimal(milliseconds, milliseconds < 10 ? 1 : 0) })],
    [t("computed_by"), BACKEND_NAMES[backend]],
    [t("model"), `${model} ${version}`],
    [t("stayed"), t(sent ? "sense_all_but" : "everything")],
  ];
  const pairs = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("dl", { className: "facts", lang: currentLanguage() }, ...pairs);
}

/** @param {Reading} reading @returns {Verdict & {pointConfidence: number}} */
function alone({ text, accepted, confidence, digits, decimals, pointConfidence }) {
  const said = { text, accepted, digits, decimals, pointConfidence };
  return { ...said, corrected: false, probability: confidence, remarks: () => [] };
}

/** @param {Verdict & {pointConfidence?: number}} verdict @returns {(Node | string)[]} */
function drawAccepted(verdict) {
  const { text, corrected, probability } = verdict;
  const number = element("strong", { className: "number", dataset: { value: text } }, readingText(text));
  const how = corrected ? t("sense_by_person") : t("sure", { percent: percent(probability) });
  const line = element("div", { className: "verdict accepted" }, number, element("span", { className: "sure" }, how));
  line.append(...copying(text));
  return corrected ? [line] : [line, drawDigits(verdict)];
}

/** @param {Reading} reading */
function drawRefused(reading) {
  if (reading.reason === "no_display") return [refusal(t("why_no_display"), "no_display")];
  const sure = t("sure_guess", { percent: percent(reading.confidence) });
  return drawDoubtful(alone(reading), t("why_doubtful"), ` ${sure}`);
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
