/** What the tests of common sense do inside a page, with drawn-up probabilities in place of pictures. */

import { generator } from "/js/learn/tune.js";
import { format } from "/js/plausible.js";
import { verdictOf } from "/js/sense/explain.js";
import { propose } from "/js/sense/propose.js";
import { exifTime } from "/js/taken.js";
import { listReadings, newId, saveMeter, saveReading } from "/js/store.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const SURE = 0.9999;

const drum = (digit, sure = SURE, other = (digit + 1) % 10) => {
  const row = Array(10).fill((1 - sure) / 90);
  row[other] += 0.9 * (1 - sure);
  row[digit] += sure - row[digit];
  return row;
};

/** A reading of ten drums; `torn` says between which digits one of them stands (0: the point), with how much for the second. */
export function reading(text, torn = null) {
  const decimals = text.split(".")[1]?.length ?? 0;
  const rows = [decimals, ...[...text.replace(".", "").padStart(10, "0")].map(Number)].map((digit) => drum(digit));
  if (torn) rows[torn.fromRight && 11 - torn.fromRight] = drum(torn.digit, torn.sure, torn.other);
  const accepted = torn?.accepted ?? !torn;
  return { text, accepted, reason: accepted ? null : "doubtful", confidence: 0.99, decimals, rows };
}

export const meterOf = (digits = 5, decimals = 0) => {
  return { id: newId(), name: "Kitchen", unit: "kWh", digits, decimals, mostPerDay: 10, created: Date.UTC(2026, 0, 1) };
};

const stored = (meter, text, time, rows, more = {}) => {
  const common = { id: newId(), meter: meter.id, picture: null, box: null, version: "", corrected: false };
  return { ...common, time, text, rows, alone: text, kind: "first", ...more };
};

/** Texts of earlier months, then what is read now, a month later or more: the proposal and its sentences. */
export function judge(earlier, now, torn = null, corrected = null, decimals = 0, hours = 0, most = 10) {
  const meter = { ...meterOf(5, decimals), mostPerDay: most };
  const start = Date.UTC(2026, 0, 15, 12);
  const past = earlier.map((text, month) => {
    return stored(meter, text, start + month * MONTH, reading(text).rows.slice(-meter.digits));
  });
  const time = start + earlier.length * MONTH + hours * HOUR;
  const proposal = propose(meter, past, { reading: reading(now, torn), time, corrected });
  const said = verdictOf(meter, proposal, time, false);
  return { ...proposal, remarks: said.remarks(), doubt: said.doubt() };
}

/** Keeps a meter with earlier readings, a month apart, the newest a month ago; gives the meter. */
export async function keepMeter(texts, digits, decimals, name = "Kitchen") {
  const meter = { ...meterOf(digits, decimals), name };
  await saveMeter(meter);
  for (const [index, text] of texts.entries()) {
    const time = Date.now() - (texts.length - index) * MONTH;
    await saveReading(stored(meter, text, time, null, { corrected: true, alone: null }));
  }
  localStorage.setItem("meter", meter.id);
  return meter;
}

/** A meter's kept readings, with what a test can compare. */
export async function kept(id) {
  const readings = await listReadings(id);
  const shown = readings.map(async ({ picture, rows, ...rest }) => {
    const size = picture && (await createImageBitmap(picture));
    return { ...rest, rows: rows?.length ?? null, longest: size && Math.max(size.width, size.height) };
  });
  return Promise.all(shown);
}

/** Years of monthly readings kept as the page keeps them, a part of them misread as another number beyond doubt. */
export async function live(seed, months, misread) {
  const draw = generator(seed);
  const meter = meterOf(6, 1);
  await saveMeter(meter);
  let [value, time] = [Math.floor(draw() * 1e6), Date.UTC(2000, 0, 1)];
  const sum = { accepted: 0, wrong: 0, stuck: 0 };
  for (let month = 0, stuck = 0; month < months; month++) {
    [value, time] = [(value + Math.floor(50 + draw() * 2000)) % 1e6, time + MONTH];
    const seen = draw() < misread ? Math.floor(draw() * 1e6) : value;
    const now = reading(format(meter, seen));
    const proposal = propose(meter, await listReadings(meter.id), { reading: now, time, corrected: null });
    const right = proposal.text === format(meter, value);
    sum.accepted += Number(proposal.accepted);
    sum.wrong += Number(proposal.accepted && !right);
    stuck = proposal.accepted && right ? 0 : stuck + 1;
    sum.stuck = Math.max(sum.stuck, stuck);
    const kind = proposal.accepted ? proposal.kind : "doubtful";
    await saveReading(stored(meter, proposal.text, time, now.rows.slice(-meter.digits), { kind }));
  }
  return sum;
}

/** The time in a file's EXIF, and in each of its beginnings. */
export function exif(binary) {
  const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
  const cut = Array.from(bytes.slice(0, 400), (_, length) => exifTime(bytes.slice(0, length).buffer));
  const whole = exifTime(bytes.buffer);
  return { whole: whole && new Date(whole).toString().slice(4, 24), cut: cut.filter((each) => each !== null).length };
}
