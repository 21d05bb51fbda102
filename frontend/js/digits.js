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
 * @param {import("./reading.js").Reading} reading
 * @returns {HTMLElement}
 */
export function drawDigits({ digits, decimals, pointConfidence }) {
  const list = element("ol", { className: "digits", "aria-label": t("confidence_by_digit") });
  list.style.setProperty("--cells", String(digits.length + (decimals ? 0.5 : 0)));
  digits.forEach(({ digit, confidence }, index) => {
    const isDecimal = index >= digits.length - decimals;
    if (isDecimal && index === digits.length - decimals) list.append(drawPoint(pointConfidence));
    list.append(drawCell(digit, confidence, isDecimal));
  });
  return list;
}

/** @param {number} digit @param {number} confidence @param {boolean} isDecimal */
function drawCell(digit, confidence, isDecimal) {
  const said = element("span", { className: "hidden-visually" }, t("digit", { digit, percent: percent(confidence) }));
  const drum = element("span", { className: "drum", "aria-hidden": "true" }, String(digit));
  const number = element("span", { className: "percent", "aria-hidden": "true" }, percent(confidence));
  const cell = element("li", { className: `cell ${level(confidence)}` }, said, drum, drawBar(confidence), number);
  cell.classList.toggle("decimal", isDecimal);
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
