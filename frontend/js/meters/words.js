/** Times and uses as people write them. */
import { currentLanguage, decimal, readingText, t } from "../i18n.js";
import { usedText } from "./use.js";

/** @typedef {import("../stored.js").Meter} Meter */
/** @typedef {import("./use.js").Step} Step */

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** @param {number} time milliseconds since 1970 */
export function timeText(time) {
  return new Date(time).toLocaleString(currentLanguage(), { dateStyle: "medium", timeStyle: "short" });
}

/** A reading without zeros in front, as this language writes it. @param {string} text such as "00412.7" */
export function plainText(text) {
  return readingText(text.replace(/^0+(?=\d)/, ""));
}

/** "12.3 kWh in 31 days (0.4 kWh a day)". @param {Meter} meter @param {Step} step */
export function stepText(meter, step) {
  const days = clockDays(step.from, step.to);
  const short = days < 2;
  const span = short ? t("meters_hours", { number: decimal(days * 24) }) : t("meters_days", { number: decimal(days) });
  const used = readingText(usedText(meter, step.used));
  const since = t("meters_used_since", { used, unit: meter.unit, days: span });
  const rate = t("meters_a_day", { used: amount(meter, step.used / 10 ** meter.decimals / days), unit: meter.unit });
  return short ? since : `${since} (${rate})`;
}

/** A use that was divided: with one digit more than the meter has. @param {Meter} meter @param {number} used in its unit */
export function amount({ decimals }, used) {
  return decimal(used, Math.min(3, decimals + 1));
}

/** Days from one time to another as the clock on the wall counts them, summer time or not. @param {number} from @param {number} to */
function clockDays(from, to) {
  const shift = new Date(from).getTimezoneOffset() - new Date(to).getTimezoneOffset();
  return Math.max(0, to - from + shift * MINUTE) / DAY;
}
