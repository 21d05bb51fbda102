/** A reading drawn: one cell a digit with how sure it is, said by text, by a bar and by colour. */
import { element } from "./dom.js";
import { percent, readingText, t } from "./i18n.js";

const HIGH = 0.99;
const MIDDLE = 0.9;

/** @param {number} confidence 0 to 1 */
function level(confidence) {
  if (confidence >= HIGH) return "high";
  return confidence >= MIDDLE ? "middle" : "low";
}

/**
 * @typedef {{digit: number, confidence: number, changed?: boolean}} Digit `changed`: not the one that the picture says
 */

/**
 * @param {{digits: Digit[], decimals: number, pointConfidence?: number}} reading whose point is known, without its
 *   confidence
 * @returns {HTMLElement}
 */
export function drawDigits({ digits, decimals, pointConfidence = 1 }) {
  const list = element("ol", { className: "digits", "aria-label": t("confidence_by_digit") });
  list.style.setProperty("--cells", String(digits.length + (decimals ? 0.5 : 0)));
  digits.forEach((digit, index) => {
    const isDecimal = index >= digits.length - decimals;
    if (isDecimal && index === digits.length - decimals) list.append(drawPoint(pointConfidence));
    list.append(drawCell(digit, isDecimal));
  });
  return list;
}

/** @param {Digit} digit @param {boolean} isDecimal */
function drawCell({ digit, confidence, changed = false }, isDecimal) {
  const words = t(changed ? "sense_digit_changed" : "digit", { digit, percent: percent(confidence) });
  const said = element("span", { className: "hidden-visually" }, words);
  const drum = element("span", { className: "drum", "aria-hidden": "true" }, String(digit));
  const number = element("span", { className: "percent", "aria-hidden": "true" }, percent(confidence));
  const cell = element("li", { className: `cell ${level(confidence)}` }, said, drum, drawBar(confidence), number);
  cell.classList.toggle("decimal", isDecimal);
  cell.classList.toggle("changed", changed);
  return cell;
}

/** @param {number} confidence */
function drawPoint(confidence) {
  const said = element("span", { className: "hidden-visually" }, t("point", { percent: percent(confidence) }));
  const mark = element("span", { className: "drum", "aria-hidden": "true" }, readingText("."));
  return element("li", { className: `cell point ${level(confidence)}` }, said, mark);
}

/** @param {number} confidence */
function drawBar(confidence) {
  const filled = element("span", { className: "filled" });
  filled.style.setProperty("width", `${confidence * 100}%`);
  return element("span", { className: "bar", "aria-hidden": "true" }, filled);
}
