/** One meter: its use, and its readings with their pictures, newest first. */
import { element } from "../dom.js";
import { asGiven, t, withUnit } from "../i18n.js";
import { LessonPanel } from "../learn/panel.js";
import { UseChart } from "./chart.js";
import { keyButton, keyButtons, photoLink } from "./list.js";
import { lastSound, useOf } from "./use.js";
import { plainText, stepText, timeText } from "./words.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("./use.js").Use} Use
 * @typedef {object} MeterActions
 * @property {() => void} onAddReading
 * @property {() => void} onEdit
 * @property {() => void} onShare
 * @property {() => void} onTable
 * @property {() => void} onDelete
 * @property {(reading: StoredReading) => void} onEditReading
 * @property {(reading: StoredReading) => void} onDeleteReading
 * @property {(reading: StoredReading, address: string) => void} onPicture
 */

const AT_ONCE = 50; // readings; more are shown when asked for

export class MeterView {
  #shown = AT_ONCE;
  #chart = new UseChart();
  #lesson = new LessonPanel();
  /** @type {Map<string, string>} addresses of pictures by the reading's id */
  #addresses = new Map();

  /** @param {string} id of the meter @param {MeterActions} actions */
  constructor(id, actions) {
    this.id = id;
    this.actions = actions;
  }

  /** @param {Meter} meter @param {StoredReading[]} readings oldest first @returns {Node[]} */
  draw(meter, readings) {
    const use = useOf(meter, readings);
    const newest = [...readings].reverse();
    const shown = newest.slice(0, this.#shown);
    this.#releaseAllBut(new Set(shown.map(({ id }) => id)));
    const items = shown.map((reading) => this.#drawReading(meter, reading, use));
    const list = element("ol", { className: "readings" }, ...items);
    return [
      element("p", {}, element("a", { href: "#", dataset: { key: "all" } }, `← ${t("meters_all")}`)),
      element("h2", { tabIndex: -1 }, meter.name),
      this.#drawTools(readings.length > 0, Boolean(lastSound(readings, use))),
      ...(readings.length ? [this.#chart.draw(meter, use)] : []),
      ...drawOdd(meter, use),
      this.#lesson.draw(meter, readings),
      element("h3", {}, t("meters_readings")),
      readings.length ? list : drawNone(),
      ...this.#drawMore(newest.length - shown.length, () => this.draw(meter, readings)),
    ];
  }

  /** Lets go of the chart and the pictures, and stops learning. */
  release() {
    this.#releaseAllBut(new Set());
    this.#chart.release();
    this.#lesson.release();
  }

  /** @param {boolean} hasReadings @param {boolean} hasSound one that can be told to others */
  #drawTools(hasReadings, hasSound) {
    const { onAddReading, onEdit, onShare, onTable, onDelete } = this.actions;
    /** @type {Parameters<typeof keyButtons>[1][]} */
    const all = [
      ["add", "meters_add_reading", onAddReading],
      ["edit", "meters_edit", onEdit],
      ["share", "meters_share", onShare],
      ["table", "meters_export_csv", onTable],
      ["delete", "meters_delete", onDelete],
    ];
    const useful = all.filter(([key]) => (key !== "share" || hasSound) && (key !== "table" || hasReadings));
    return keyButtons("tools", ...useful);
  }

  /** @param {number} left @param {() => Node[]} draw */
  #drawMore(left, draw) {
    if (left <= 0) return [];
    const more = keyButton("more", t("meters_more", { number: Math.min(left, AT_ONCE) }), () => {
      this.#shown += AT_ONCE;
      more.parentElement?.replaceChildren(...draw());
    });
    return [more];
  }

  /** @param {Meter} meter @param {StoredReading} reading @param {Use} use */
  #drawReading(meter, reading, use) {
    const time = timeText(reading.time);
    const value = element("strong", { className: "value", dataset: { value: reading.text } }, plainText(reading.text));
    const number = element("p", { className: "stands" }, value, ` ${meter.unit}`);
    const when = element("time", { dateTime: dateOf(reading.time) }, time);
    const words = [number, element("p", { className: "hint" }, when), ...drawRemarks(meter, reading, use)];
    const edit = keyButton(
      `edit-${reading.id}`,
      t("meters_edit_reading"),
      () => this.actions.onEditReading(reading),
      "quiet",
    );
    const remove = keyButton(
      `delete-${reading.id}`,
      t("meters_delete_reading"),
      () => this.actions.onDeleteReading(reading),
      "quiet",
    );
    edit.setAttribute("aria-label", t("meters_edit_reading_named", { time }));
    remove.setAttribute("aria-label", t("meters_delete_reading_named", { time }));
    const tools = element("div", { className: "reading-tools" }, edit, remove);
    const about = element("div", { className: "about-reading" }, ...words);
    const item = element("li", { className: "stored" }, this.#drawPicture(reading, time), about, tools);
    item.classList.toggle("odd", use.odd.has(reading.id) || use.unusable.has(reading.id));
    return item;
  }

  /** @param {StoredReading} reading @param {string} time */
  #drawPicture(reading, time) {
    if (!reading.picture) return element("span", { className: "no-thumb" });
    const address = this.#addresses.get(reading.id) ?? URL.createObjectURL(reading.picture);
    this.#addresses.set(reading.id, address);
    const image = element("img", { loading: "lazy", src: address, alt: t("meters_picture", { time }) });
    const button = keyButton(`picture-${reading.id}`, "", () => this.actions.onPicture(reading, address), "thumb");
    button.append(image);
    return button;
  }

  /** @param {Set<string>} ids */
  #releaseAllBut(ids) {
    for (const [id, address] of this.#addresses) {
      if (ids.has(id)) continue;
      URL.revokeObjectURL(address);
      this.#addresses.delete(id);
    }
  }
}

/** In place of readings. */
function drawNone() {
  const buttons = element("div", { className: "buttons" }, photoLink());
  return element("section", { className: "none" }, element("p", {}, t("meters_readings_none")), buttons);
}

/** @param {Meter} meter @param {Use} use */
function drawOdd({ mostPerDay, unit }, { odd }) {
  if (!odd.size) return [];
  const words = { number: odd.size, most: withUnit(asGiven(mostPerDay), unit) };
  return [element("p", { className: "notice" }, t("meters_odd_hint", words))];
}

/** What is to be said of a reading beside its number. @param {Meter} meter @param {StoredReading} reading @param {Use} use */
function drawRemarks(meter, { id, kind, corrected }, { steps, odd, unusable }) {
  const step = steps.find(({ reading }) => reading === id);
  const remarks = [];
  if (step) remarks.push(element("p", { className: "since" }, stepText(meter, step)));
  if (step?.rollover) remarks.push(element("p", { className: "remark" }, t("meters_rollover")));
  if (odd.has(id)) remarks.push(element("p", { className: "remark alarm" }, t("meters_odd")));
  if (unusable.has(id)) {
    remarks.push(
      element("p", { className: "remark alarm" }, t(kind === "doubtful" ? "meters_doubtful" : "meters_misfit")),
    );
  }
  if (corrected) remarks.push(element("p", { className: "remark" }, t("meters_corrected")));
  return remarks;
}

/** @param {number} time */
function dateOf(time) {
  return new Date(time).toISOString();
}
