/** The forms of a meter and of a reading. */
import { minuteOf } from "../clock.js";
import { element } from "../dom.js";
import { readingText, t, withUnit } from "../i18n.js";
import { format } from "../plausible.js";
import { encode } from "../reading.js";
import { listReadings, newId, saveMeter, saveReading } from "../store.js";
import { DRUMS, fits } from "../stored.js";
import { Refusal, ask, field } from "./ask.js";
import { meterInputs, readMeter, written } from "./fields.js";
import { MEASURED } from "./units.js";
import { kindAfter, units } from "./use.js";
import { timeText } from "./words.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("./units.js").Measured} Measured
 */

/** Asks for a new meter, or what is to be changed of one. @param {Meter | null} meter @param {(saved: Meter) => void} onSaved */
export function askMeter(meter, onSaved) {
  const inputs = meterInputs(meter ?? {});
  const measured = measuredInput();
  const { name, unit, digits, decimals, most } = inputs;
  const shows = element("p", { className: "hint example-reading" });
  const mostName = document.createTextNode("");
  const draw = () => {
    const [all, after] = [Number(digits.value), Number(decimals.value)];
    const fine = Number.isInteger(all) && all >= 1 && all <= DRUMS && after >= 0 && after < all;
    shows.textContent = fine ? t("meters_shows", { example: withUnit(example(all, after), unit.value) }) : "";
    mostName.data = [t("meters_most"), unit.value.trim()].filter(Boolean).join(", ");
  };
  measured.onchange = () => {
    choose(inputs, measured.value);
    draw();
  };
  for (const input of [unit, digits, decimals]) input.oninput = draw;
  if (!meter) choose(inputs, measured.value);
  draw();
  const fields = [
    field(t("meters_name"), name),
    ...(meter ? [] : [field(t("meters_measured"), measured)]),
    field(t("meters_unit"), unit),
    field(t("meters_digits"), digits),
    field(t("meters_decimals"), decimals),
    shows,
    field(mostName, most, t("meters_most_hint")),
  ];
  ask(meter ? t("meters_form_edit", { name: meter.name }) : t("meters_form_add"), fields, async () => {
    const saved = await readMeter(meter, inputs);
    await saveMeter(saved);
    onSaved(saved);
  });
}

/** What is usual for what a meter measures, to choose from. */
function measuredInput() {
  const names = /** @type {const} */ ([...Object.keys(MEASURED), "other"]);
  const options = names.map((value) => element("option", { value }, t(/** @type {any} */ (`meters_${value}`))));
  return element("select", { name: "measured" }, ...options);
}

/** Fills in what is usual for what a meter measures. @param {import("./fields.js").MeterInputs} inputs @param {string} measured */
function choose({ unit, digits, decimals, most }, measured) {
  const usual = MEASURED[/** @type {Measured} */ (measured)];
  if (!usual) return;
  unit.value = t(usual.unit);
  digits.value = String(usual.digits);
  decimals.value = String(usual.decimals);
  most.value = written(usual.mostPerDay);
}

/**
 * Asks for a new reading, or what is to be changed of one.
 *
 * @param {Meter} meter @param {StoredReading | null} reading @param {(text: string) => void} [onSaved]
 */
export function askReading(meter, reading, onSaved) {
  const shown = reading ? readingText(reading.text) : "";
  const at = minuteOf(reading?.time ?? Date.now());
  const value = element("input", { name: "value", inputMode: "decimal", value: shown, autocomplete: "off" });
  const time = element("input", { name: "time", type: "datetime-local", value: at });
  const hint = t("meters_value_hint", { example: example(meter.digits, meter.decimals) });
  const fields = [field(t("meters_value"), value, hint), field(t("meters_time"), time)];
  const title = reading ? t("meters_edit_reading_named", { time: timeText(reading.time) }) : t("meters_add_reading");
  ask(title, fields, async () => {
    const text = value.value.trim() === shown && reading ? reading.text : readText(meter, value);
    const when = time.value === at && reading ? reading.time : new Date(time.value).valueOf(); // seconds are kept
    if (Number.isNaN(when)) throw new Refusal(t("meters_need_time"), time);
    await saveReading(await changed(meter, reading, text, when));
    onSaved?.(text);
  });
}

/** @param {Meter} meter @param {StoredReading | null} reading @param {string} text @param {number} time */
async function changed(meter, reading, text, time) {
  const earlier = (await listReadings(meter.id)).filter((other) => other.id !== reading?.id && other.time <= time);
  const typed = { rows: null, alone: null, picture: null, box: null, version: "" };
  const whole = {
    ...(reading ?? { ...typed, id: newId() }),
    meter: meter.id,
    time,
    text,
    corrected: true,
    kind: "first",
  };
  whole.kind = kindAfter(
    meter,
    earlier.findLast(({ kind }) => kind !== "doubtful"),
    whole,
  );
  return whole;
}

/** @param {Meter} meter @param {HTMLInputElement} input @returns {string} as many digits as the meter has @throws {Refusal} */
function readText(meter, input) {
  const { digits, decimals } = meter;
  const text = input.value.trim().replace(",", ".");
  const words = { whole: digits - decimals, decimals };
  const form = t(decimals ? "meters_form_decimals" : "meters_form_whole", words);
  const refusal = new Refusal(t("meters_need_value", { form, example: example(digits, decimals) }), input);
  try {
    encode(text);
  } catch {
    throw refusal;
  }
  if (!fits(meter, text)) throw refusal;
  return format(meter, units(text));
}

/** A reading that a meter of this form could show, as the page's language writes it. @param {number} digits @param {number} decimals */
function example(digits, decimals) {
  const value = Number("4127365908".slice(0, digits)) % 10 ** Math.max(1, digits - 1);
  return readingText(format({ digits, decimals, mostPerDay: 1 }, value));
}
