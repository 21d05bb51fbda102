/** A reading beside the meter that was chosen for it: what is proposed, and how it stands to the readings before. */
import { compare, format, judgeReading } from "../plausible.js";
import { likeliest } from "../likeliest.js";
import { holds, lastDrums, observe, typed, unitsOf } from "./observation.js";

/**
 * @typedef {import("../store.js").Meter} Meter
 * @typedef {import("../store.js").StoredReading} StoredReading
 * @typedef {import("../reader.js").Reading} Reading
 *
 * @typedef {object} Extras
 * @property {boolean} corrected whether a person has said what it is, and the meter can show that
 * @property {boolean} tooLong whether the picture shows more digits than the meter has
 * @property {string} read what is read of the picture, whatever the meter's form
 * @property {boolean} sure whether the picture alone is enough for that
 * @property {string} seen what the picture's drums say in the meter's form: `alone` has the picture's own point
 * @property {boolean} pointMoved whether the picture alone has its point elsewhere than the meter
 * @property {boolean} pointDenied whether the picture is sure that the point is not where the meter has it
 * @property {number} earlier how many readings came before
 * @property {{digit: number, confidence: number, changed: boolean}[]} digits of `text`: how sure the picture is of each,
 *   and whether it says another one
 * @typedef {import("../plausible.js").Judgement & Extras} Proposal
 */

const REMEMBERED = 8; // earlier readings; chain.js looks at no more
const AGREED = 0.9; // probability from which the past agrees with what the picture alone shows surely, or a point is sure
/** @type {Set<Proposal["kind"]>} */
const POSSIBLE = new Set(["first", "forward", "rollover"]);

/**
 * @param {Meter} meter
 * @param {StoredReading[]} readings of the meter, oldest first; later ones than `time` do not count
 * @param {{reading: Reading, time: number, corrected: string | null}} now `corrected` is a person's word,
 *   as it was said
 * @returns {Proposal}
 */
export function propose(meter, readings, { reading, time, corrected }) {
  const past = readings.filter((each) => each.time <= time).slice(-REMEMBERED);
  const drums = lastDrums(meter, reading.rows.slice(1));
  const rows = corrected === null ? drums : typed(meter, corrected);
  const earlier = past.map((each) => observe(meter, each));
  const judged = judgeReading(meter, earlier, { time, rows });
  const tooLong = corrected === null && shownBefore(meter, reading.rows) > 0.5;
  const point = pointOf(meter, reading.rows, corrected !== null);
  const likely = past.length ? judged.accepted || agreed(meter, judged, reading) : reading.accepted; // the first has no past
  const believed = corrected !== null && holds(meter, corrected); // what the meter's form has cut, nobody has said
  const accepted = corrected === null ? likely && !tooLong && !point.pointDenied : believed;
  const seen = format(meter, likeliest(drums, 1)[0]);
  const text = choose(judged, { accepted, seen, corrected: corrected !== null, sure: reading.accepted });
  const bent = corrected === null && text !== seen; // by the past
  return {
    ...judged,
    ...(bent || (accepted && corrected === null) ? {} : standing(meter, past, text, time)),
    ...point,
    text,
    seen,
    read: reading.text,
    sure: reading.accepted,
    alone: withOwnPoint(meter, reading.rows),
    probability: past.length ? judged.probability : reading.confidence,
    changed: bent || point.pointMoved,
    accepted,
    corrected: believed,
    tooLong,
    earlier: past.length,
    digits: digitsOf(text, seen, drums),
  };
}

/**
 * What the picture says of the decimal point, beside the meter, whose point does not move.
 *
 * @param {Meter} meter @param {number[][]} rows 11×10 @param {boolean} corrected whether a person's word counts instead
 * @returns {Pick<Proposal, "pointMoved" | "pointDenied">}
 */
function pointOf({ decimals }, [row], corrected) {
  if (corrected) return { pointMoved: false, pointDenied: false };
  return { pointMoved: likeliest([row], 1)[0] !== decimals, pointDenied: row[decimals] < 1 - AGREED };
}

/** As many drums as the meter has, with the point where the picture has it. @param {Meter} meter @param {number[][]} rows 11×10 */
function withOwnPoint({ digits }, [row, ...drums]) {
  const [decimals] = likeliest([row], 1);
  const own = { digits: Math.max(digits, decimals + 1), decimals };
  return format(own, likeliest(lastDrums(own, drums), 1)[0]);
}

/**
 * Whether the picture alone shows a reading surely that can follow what was before. The card's threshold is
 * enough then, as without a meter; more is asked of what the past has changed.
 *
 * @param {Meter} meter @param {import("../plausible.js").Judgement} judged @param {Reading} reading
 */
function agreed(meter, { text, changed, kind, before, probability }, { accepted }) {
  const back = kind === "forward" && before !== null && unitsOf(meter, text) < before; // by one: read early, or misread
  return accepted && !changed && !back && POSSIBLE.has(kind) && probability >= AGREED;
}

/**
 * The reading to propose. One that the picture shows clearly and that cannot be stays as it is: the past would only
 * bend it to something improbable, and a person is to decide.
 *
 * @param {import("../plausible.js").Judgement} judged
 * @param {{accepted: boolean, seen: string, corrected: boolean, sure: boolean}} circumstances
 */
function choose(judged, { accepted, seen, corrected, sure }) {
  if (corrected) return judged.alone; // a person's word, which no past bends
  return sure && !accepted ? seen : judged.text;
}

/**
 * How a text stands to the newest reading that is not in doubt. What was accepted stands to the one that it follows, which
 * may be an older one; for what was not, a person wants to know what it contradicts.
 *
 * @param {Meter} meter @param {StoredReading[]} past @param {string} text @param {number} time
 * @returns {Pick<Proposal, "kind" | "before" | "beforeTime">}
 */
function standing(meter, past, text, time) {
  const newest = past.findLast(({ kind }) => kind !== "doubtful");
  if (!newest) return { kind: "first", before: null, beforeTime: null };
  const before = unitsOf(meter, newest.text);
  const kind = compare(meter, before, unitsOf(meter, text), time - newest.time);
  return { kind, before, beforeTime: newest.time };
}

/** How probable it is that the picture shows digits to the left of the meter's drums. @param {Meter} meter @param {number[][]} rows 11×10 */
function shownBefore({ digits }, rows) {
  return 1 - rows.slice(1, rows.length - digits).reduce((product, row) => product * row[0], 1);
}

/** @param {string} text @param {string} seen @param {number[][]} drums */
function digitsOf(text, seen, drums) {
  const [said, shown] = [text, seen].map((each) => [...each.replace(".", "")].map(Number));
  return said.map((digit, place) => ({
    digit,
    confidence: drums[place][digit],
    changed: digit !== shown[place],
  }));
}
