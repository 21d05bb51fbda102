/** All meters: what each stands at, and how much was used since the reading before. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { plainText, stepText, timeText } from "./words.js";
import { lastSound, useOf } from "./use.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("../i18n.js").TextName} TextName
 * @typedef {object} ListActions
 * @property {() => void} onAdd
 * @property {() => void} onImport
 * @property {() => void} onExport
 * @property {() => void} onTable
 */

/** @param {import("./backup.js").Everything} everything readings oldest first @param {ListActions} actions @returns {Node[]} */
export function drawList({ meters, readings }, actions) {
  const heading = element("h2", { tabIndex: -1 }, t("nav_meters"));
  const lead = element("p", { className: "lead" }, t("meters_lead"));
  if (!meters.length) return [heading, lead, drawEmpty(actions)];
  const cards = meters.map((meter) =>
    drawMeter(
      meter,
      readings.filter((reading) => reading.meter === meter.id),
    ),
  );
  return [heading, lead, element("ul", { className: "meters" }, ...cards), drawTools(actions, readings.length > 0)];
}

/** @param {string} key the focus comes back to it after drawing anew @param {string} label @param {() => void} onclick @param {string} [className] */
export function keyButton(key, label, onclick, className = "") {
  return element("button", { type: "button", className, dataset: { key }, onclick }, label);
}

/** Buttons in a row, the first of them the one most wanted. @param {string} className @param {[string, TextName, () => void][]} all */
export function keyButtons(className, ...all) {
  const buttons = all.map(([key, name, onclick], at) => keyButton(key, t(name), onclick, at ? "" : "primary"));
  return element("div", { className }, ...buttons);
}

/** To where photos are read. */
export function photoLink() {
  return element("a", { href: "./", className: "button" }, t("meters_read_photo"));
}

/** @param {ListActions} actions */
function drawEmpty({ onAdd, onImport }) {
  const buttons = keyButtons("buttons", ["add", "meters_add", onAdd], ["import", "meters_import", onImport]);
  buttons.firstChild?.after(photoLink());
  const title = element("p", { className: "intake-none" }, t("meters_none"));
  return element("section", { className: "none" }, title, element("p", {}, t("meters_none_hint")), buttons);
}

/** @param {ListActions} actions @param {boolean} hasReadings a table of none is empty */
function drawTools({ onAdd, onImport, onExport, onTable }, hasReadings) {
  /** @type {[string, TextName, () => void][]} */
  const table = hasReadings ? [["table", "meters_export_csv", onTable]] : [];
  return keyButtons(
    "buttons list-tools",
    ["add", "meters_add", onAdd],
    ["import", "meters_import", onImport],
    ["export", "meters_export", onExport],
    ...table,
  );
}

/** @param {Meter} meter @param {StoredReading[]} readings oldest first */
function drawMeter(meter, readings) {
  const link = element("a", { href: `#${encodeURIComponent(meter.id)}`, dataset: { key: meter.id } }, meter.name);
  const head = element("h3", {}, link);
  const use = useOf(meter, readings);
  const sound = lastSound(readings, use);
  const last = sound ?? readings.at(-1);
  if (!last)
    return element("li", { className: "meter" }, head, element("p", { className: "hint" }, t("meters_no_reading")));
  const value = element("strong", { className: "value" }, plainText(last.text));
  const number = element("p", { className: "stands" }, value, ` ${meter.unit}`);
  const time = element("p", { className: "hint" }, timeText(last.time));
  const step = use.steps.find(({ reading }) => reading === last.id);
  const used = step ? [element("p", { className: "since" }, stepText(meter, step))] : [];
  const unsure = sound ? [] : [element("p", { className: "remark alarm" }, t("meters_unsure"))];
  return element("li", { className: "meter" }, head, number, time, ...used, ...unsure);
}
