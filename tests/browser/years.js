/** Simulated years of a meter's readings, judged one by one: what was accepted, what of it wrong, how long none was. */

import { generator } from "/js/learn/tune.js";
import { format, judgeReading } from "/js/plausible.js";

const DAY = 86_400_000;

/** One drum's calibrated probabilities: its winner is right as often as it says. */
function drum(digit, hard, draw) {
  const sure = hard ? 0.5 + 0.49 * draw() : 0.99995;
  const other = (digit + 1 + Math.floor(draw() * 9)) % 10;
  const [winner, second] = draw() < sure ? [digit, other] : [other, digit];
  const row = Array(10).fill((0.2 * (1 - sure)) / 9);
  row[second] += 0.8 * (1 - sure);
  row[winner] = sure;
  return row;
}

/** The last drum is hard to read in every tenth picture, the others hardly ever. */
export function picture(meter, value, draw = () => 0) {
  const digits = [...String(value).padStart(meter.digits, "0")].map(Number);
  const last = digits.length - 1;
  return digits.map((digit, place) => drum(digit, draw() > (place === last ? 0.9 : 0.992), draw));
}

/** Monthly readings; `gross` of the pictures surely show another number (a serial number, another meter). */
export function live({ seed, meters, readings, gross }) {
  const draw = generator(seed);
  const meter = { digits: 8, decimals: 3, mostPerDay: 3 };
  const values = 10 ** meter.digits;
  const sum = { readings: 0, misread: 0, accepted: 0, wrong: 0, stuck: 0 };
  for (let number = 0; number < meters; number++) {
    let value = Math.floor(draw() * values);
    let [time, stuck] = [0, 0];
    const past = [];
    for (let month = 0; month < readings; month++) {
      time += (25 + 10 * draw()) * DAY;
      value = (value + Math.floor((3 + 15 * draw()) * 1000)) % values;
      const rows = picture(meter, draw() < gross ? Math.floor(draw() * values) : value, draw);
      const { text, alone, accepted } = judgeReading(meter, past, { time, rows });
      const truth = format(meter, value);
      sum.readings++;
      sum.misread += Number(alone !== truth);
      sum.accepted += Number(accepted);
      sum.wrong += Number(accepted && text !== truth);
      stuck = accepted && text === truth ? 0 : stuck + 1;
      sum.stuck = Math.max(sum.stuck, stuck);
      past.push({ time, rows });
    }
  }
  return sum;
}

/** Pictures that surely show `values`, a month apart: the judgement of the last. */
export function judge(values, meter = { digits: 5, decimals: 0, mostPerDay: 10 }) {
  const pictures = values.map((value, month) => ({ time: month * 30 * DAY, rows: picture(meter, value) }));
  return judgeReading(meter, pictures.slice(0, -1), pictures.at(-1));
}

/** As `judge`, but one drum of the last picture is torn between two digits. */
export function judgeTorn(values, place, digit, share) {
  const meter = { digits: 5, decimals: 0, mostPerDay: 10 };
  const pictures = values.map((value, month) => ({ time: month * 30 * DAY, rows: picture(meter, value) }));
  const now = pictures.at(-1);
  now.rows[place] = now.rows[place].map((probability) => probability * (1 - share));
  now.rows[place][digit] += share;
  return judgeReading(meter, pictures.slice(0, -1), now);
}
