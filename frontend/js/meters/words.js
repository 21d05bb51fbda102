/** Times and uses as people write them. */
import { currentLanguage, dateLocale, decimal, readingText, t, withUnit } from "../i18n.js";
import { usedText } from "./use.js";

/** @typedef {import("../stored.js").Meter} Meter */
/** @typedef {import("./use.js").Step} Step */

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** @param {number} time milliseconds since 1970 */
export function timeText(time) {
  return new Date(time).toLocaleString(dateLocale(), { dateStyle: "medium", timeStyle: "short" });
}

/** A reading without zeros in front, as this language writes it. @param {string} text such as "00412.7" */
export function plainText(text) {
  return readingText(text.replace(/^0+(?=\d)/, ""));
}

/** "12.3 kWh in 31 days (0.4 kWh a day)". @param {Meter} meter @param {Step} step */
export function stepText(meter, step) {
  const days = clockDays(step.from, step.to);
  const used = withUnit(readingText(usedText(meter, step.used)), meter.unit);
  const since = t("meters_used_since", { used, span: spanText(days) });
  if (days < 2) return since;
  const daily = withUnit(amount(meter, step.used / 10 ** meter.decimals / days), meter.unit);
  return `${since} (${t("meters_a_day", { used: daily })})`;
}

/** @param {number} days */
export function spanText(days) {
  if (days * 24 < 1) return t("meters_minutes");
  const [number, unit] = days < 2 ? [Math.round(days * 24), "hour"] : [Math.round(days), "day"];
  return new Intl.NumberFormat(currentLanguage(), { style: "unit", unit, unitDisplay: "long" }).format(number);
}

/** What a column of uses is called. @param {Meter} meter */
export function useName({ unit }) {
  return unit ? `${t("meters_use")}, ${unit}` : t("meters_use");
}

/** A use that was divided: with one digit more than the meter has. @param {Meter} meter @param {number} used in its unit */
export function amount({ decimals }, used) {
  return decimal(used, Math.min(3, decimals + 1));
}

/** Days from one time to another as the clock on the wall counts them, summer time or not. @param {number} from @param {number} to */
export function clockDays(from, to) {
  const shift = new Date(from).getTimezoneOffset() - new Date(to).getTimezoneOffset();
  return Math.max(0, to - from + shift * MINUTE) / DAY;
}
