/** The fields of a meter, wherever one is asked for, and the meter that is read from them. */
import { element } from "../dom.js";
import { currentLanguage, t } from "../i18n.js";
import { listMeters, listReadings, newId } from "../store.js";
import { DRUMS, NAME_LIMIT, UNIT_LIMIT, fits } from "../stored.js";
import { Refusal } from "./ask.js";
import { usualUse } from "./units.js";
import { plainText } from "./words.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {ReturnType<typeof meterInputs>} MeterInputs
 */

/** Text fields that begin with what is known of a meter. @param {Partial<Meter>} meter */
export function meterInputs({ name = "", unit = "", digits, decimals, mostPerDay }) {
  const inputs = {
    name: element("input", { name: "name", value: name, maxLength: NAME_LIMIT, autocomplete: "off" }),
    unit: element("input", { name: "unit", value: unit, maxLength: UNIT_LIMIT, autocomplete: "off" }),
    digits: wholeInput("digits", 1, DRUMS, digits),
    decimals: wholeInput("decimals", 0, DRUMS - 1, decimals),
    most: element("input", { name: "most", inputMode: "decimal", value: mostPerDay ? written(mostPerDay) : "" }),
  };
  inputs.unit.onchange = () => void (inputs.most.value = written(usualUse(inputs.unit.value)));
  return inputs;
}

/** @param {string} name @param {number} min @param {number} max @param {number | undefined} value */
function wholeInput(name, min, max, value) {
  const properties = { name, type: "number", min: String(min), max: String(max), step: "1", inputMode: "numeric" };
  return element("input", { ...properties, value: value === undefined ? "" : String(value) });
}

/**
 * The meter that the fields describe.
 *
 * @param {Meter | null} meter the one that is changed; null for a new one
 * @param {MeterInputs} inputs
 * @returns {Promise<Meter>}
 * @throws {Refusal}
 */
export async function readMeter(meter, inputs) {
  const [name, unit] = [inputs.name.value.trim(), inputs.unit.value.trim()];
  const [digits, decimals] = [inputs.digits, inputs.decimals].map(({ value }) => (value.trim() ? Number(value) : NaN));
  const mostPerDay = Number(inputs.most.value.trim().replace(",", "."));
  if (!name || name.length > NAME_LIMIT) throw new Refusal(t("meters_need_name", { limit: NAME_LIMIT }), inputs.name);
  const others = (await listMeters()).filter(({ id }) => id !== meter?.id);
  if (others.some((other) => other.name === name)) throw new Refusal(t("meters_same_name"), inputs.name);
  if (unit.length > UNIT_LIMIT) throw new Refusal(t("meters_need_unit", { limit: UNIT_LIMIT }), inputs.unit);
  if (!(Number.isInteger(digits) && digits >= 1 && digits <= DRUMS)) {
    throw new Refusal(t("meters_need_digits"), inputs.digits);
  }
  if (!(Number.isInteger(decimals) && decimals >= 0 && decimals < digits)) {
    throw new Refusal(t("meters_need_decimals", { digits, most: digits - 1 }), inputs.decimals);
  }
  if (!(mostPerDay > 0 && mostPerDay < Infinity)) throw new Refusal(t("meters_need_most"), inputs.most);
  const changed = { name, unit, digits, decimals, mostPerDay };
  const whole = { ...(meter ?? { id: newId(), created: Date.now() }), ...changed };
  if (meter) await checkFit(meter, whole, inputs);
  return whole;
}

/** Readings that had the old form must have the new one too. @param {Meter} old @param {Meter} whole @param {MeterInputs} inputs */
async function checkFit(old, whole, inputs) {
  const readings = await listReadings(old.id);
  const lost = readings.filter(({ text }) => fits(old, text) && !fits(whole, text));
  if (lost.length) {
    const words = { number: lost.length, text: plainText(lost[0].text) };
    const changed = whole.digits === old.digits ? inputs.decimals : inputs.digits;
    throw new Refusal(t("meters_would_not_fit", words), changed);
  }
}

/** A number as the page's language writes it. @param {number} number */
export function written(number) {
  return currentLanguage() === "ru" ? String(number).replace(".", ",") : String(number);
}
