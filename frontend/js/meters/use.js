/**
 * What a meter's readings say about its use.
 *
 * Readings that cannot follow the others (a misread one that was saved, say) must not spoil the chart: of all orders in
 * which readings can follow each other plausibly the longest is taken, by dynamic programming as in Needleman and Wunsch
 * (1970); where a meter was exchanged the order may break, at the price of two readings. The others are named as odd.
 */
import { compare, format } from "../plausible.js";
import { fits } from "../stored.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 *
 * @typedef {object} Step the use between two readings that follow each other
 * @property {string} reading id of the later one
 * @property {number} from when it starts, milliseconds since 1970
 * @property {number} to when it ends
 * @property {number} used in units of the last drum, whole
 * @property {boolean} rollover whether the meter went through its last number to zero
 *
 * @typedef {object} Use
 * @property {Step[]} steps in the order of time
 * @property {Set<string>} odd ids of readings that cannot follow the others
 * @property {Set<string>} unusable ids of readings that are doubtful or have not the form of the meter
 *
 * @typedef {{reading: StoredReading, value: number}} Point
 */

const LOOK_BACK = 50; // readings; as many odd ones in a row are bridged
const BREAK = 2; // readings that an exchanged meter costs: one that was misread is left out rather

/** A reading in units of the last drum. @param {string} text such as "00412.7" @returns {number} */
export function units(text) {
  return Number(text.replace(".", ""));
}

/** @param {Meter} meter @param {StoredReading[]} readings oldest first @returns {Use} */
export function useOf(meter, readings) {
  const usable = readings.filter(({ kind, text }) => kind !== "doubtful" && fits(meter, text));
  const points = usable.map((reading) => ({ reading, value: units(reading.text) }));
  const order = longest(meter, points);
  const followed = new Set(order.map(({ point }) => point.reading.id));
  const ids = new Set(usable.map(({ id }) => id));
  return {
    steps: order.flatMap(({ point, before }) => (before ? [step(meter, before, point)] : [])),
    odd: new Set([...ids].filter((id) => !followed.has(id))),
    unusable: new Set(readings.map(({ id }) => id).filter((id) => !ids.has(id))),
  };
}

/**
 * The newest reading that stands beside the others, which is what the meter shows as far as is known.
 *
 * @param {StoredReading[]} readings oldest first @param {Use} use @returns {StoredReading | undefined}
 */
export function lastSound(readings, { odd, unusable }) {
  return readings.findLast(({ id }) => !odd.has(id) && !unusable.has(id));
}

/** How a reading stands to the one before it. @param {Meter} meter @param {StoredReading | undefined} before @param {StoredReading} now */
export function kindAfter(meter, before, now) {
  if (!before || !fits(meter, before.text) || !fits(meter, now.text)) return "first";
  return compare(meter, units(before.text), units(now.text), now.time - before.time);
}

/** A use as the meter writes it, without zeros in front. @param {Meter} meter @param {number} used in units of the last drum */
export function usedText(meter, used) {
  return format(meter, used).replace(/^0+(?=\d)/, "");
}

/**
 * How much was used in each of some spans of time; the use between two readings is spread evenly over it.
 *
 * @param {Meter} meter
 * @param {Step[]} steps
 * @param {number[]} edges one more than spans, rising, milliseconds since 1970
 * @returns {(number | null)[]} in the meter's unit; null where nothing is known
 */
export function spread(meter, steps, edges) {
  return edges.slice(1).map((end, index) => {
    const parts = steps.map((each) => part(each, edges[index], end)).filter((each) => each !== null);
    return parts.length ? parts.reduce((sum, each) => sum + each, 0) / 10 ** meter.decimals : null;
  });
}

/** Whether the use in each of some spans of time is known for all of it. @param {Step[]} steps @param {number[]} edges */
export function knownWhole(steps, edges) {
  return edges.slice(1).map((end, index) => {
    const start = edges[index];
    const known = steps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);
    return known >= end - start;
  });
}

/** Edges of the days of a month, by this device's clock. @param {number} year @param {number} month 0 to 11 */
export function daysOf(year, month) {
  const count = new Date(year, month + 1, 0).getDate();
  return Array.from({ length: count + 1 }, (_, day) => new Date(year, month, day + 1).valueOf());
}

/** Edges of the months of a year, by this device's clock. @param {number} year */
export function monthsOf(year) {
  return Array.from({ length: 13 }, (_, month) => new Date(year, month, 1).valueOf());
}

/** @param {Step} step @param {number} start @param {number} end @returns {number | null} what of it falls in between */
function part({ from, to, used }, start, end) {
  if (from === to) return start <= to && to < end ? used : null;
  const shared = Math.min(to, end) - Math.max(from, start);
  return shared > 0 ? (used * shared) / (to - from) : null;
}

/** @param {Meter} meter @param {Point} before @param {Point} after @returns {Step} */
function step(meter, before, after) {
  const kind = kindOf(meter, before, after);
  const rollover = kind === "rollover";
  const used = after.value - before.value + (rollover ? 10 ** meter.digits : 0);
  // A drum that was read early may seem to have gone back.
  return {
    reading: after.reading.id,
    from: before.reading.time,
    to: after.reading.time,
    used: Math.max(0, used),
    rollover,
  };
}

/** @param {Meter} meter @param {Point} before @param {Point} after */
function kindOf(meter, before, after) {
  return compare(meter, before.value, after.value, after.reading.time - before.reading.time);
}

/**
 * The longest order of points that can follow each other; `before` is the one that a point follows, null at the start
 * and after a break.
 *
 * @param {Meter} meter
 * @param {Point[]} points in the order of time
 * @returns {{point: Point, before: Point | null}[]}
 */
function longest(meter, points) {
  /** @type {{score: number, from: number, broken: boolean}[]} */
  const ends = [];
  let best = -1; // the best end so far, from which an exchanged meter goes on
  points.forEach((point, index) => {
    const end = { score: 1, from: -1, broken: true };
    if (best >= 0 && ends[best].score - BREAK > 0)
      Object.assign(end, { score: ends[best].score + 1 - BREAK, from: best });
    for (let back = index - 1; back >= Math.max(0, index - LOOK_BACK); back--) {
      if (ends[back].score + 1 <= end.score) continue;
      const kind = kindOf(meter, points[back], point);
      if (kind === "forward" || kind === "rollover") {
        Object.assign(end, { score: ends[back].score + 1, from: back, broken: false });
      }
    }
    ends.push(end);
    if (best < 0 || end.score >= ends[best].score) best = index; // of equals the later: it is nearer to now
  });
  const order = [];
  for (let at = best; at >= 0; at = ends[at].from) {
    order.push({ point: points[at], before: ends[at].broken ? null : points[ends[at].from] });
  }
  return order.reverse();
}
