/** Years of readings judged by the page's own code: what was accepted, what of it was wrong, and by how much. */
import { generator } from "/js/learn/tune.js";
import { format } from "/js/plausible.js";
import { propose } from "/js/sense/propose.js";

const DAY = 86_400_000;
const DECIMALS = 3;

/**
 * What the network would say of another number on the same display: each row's probabilities, turned on to what it shows.
 *
 * @param {{rows: number[][], truth: number[]}} display @param {number[]} wanted digits @param {number} decimals
 */
function turned({ rows, truth }, wanted, decimals) {
  const first = rows.length - wanted.length;
  return rows.map((row, place) => {
    if (place && place < first) return row;
    const by = truth[place] - (place ? wanted[place - first] : decimals) + 10;
    return row.map((_, digit) => row[(digit + by) % 10]);
  });
}

/** One of the displays, misread ones as often as `share` says, or as they come (null). */
function pick(displays, share, draw) {
  const misread = share !== null && draw() < share;
  const among = share === null ? displays : displays.filter((display) => display.misread === misread);
  return among[Math.floor(draw() * among.length)];
}

/**
 * @param {{seed: number, meters: number, months: number, share: number | null,
 *   pools: {digits: number, displays: {rows: number[][], truth: number[], misread: boolean, accepted: boolean,
 *   confidence: number}[]}[]}} given
 */
export function live({ seed, meters, months, share, pools }) {
  const draw = generator(seed);
  const sum = {
    readings: 0,
    misread: 0,
    alone: 0,
    alone_wrong: 0,
    accepted: 0,
    wrong: 0,
    beyond_last: 0,
    blocked: 0,
    stuck: [],
  };
  for (let number = 0; number < meters; number++) {
    const { digits, displays } = pools[number % pools.length];
    const decimals = digits > 5 ? DECIMALS : 0;
    const meter = { id: "", name: "", unit: "", created: 0, digits, decimals, mostPerDay: decimals ? 3 : 20 };
    const values = 10 ** digits;
    let value = Math.floor(draw() * values);
    let [time, stuck, longest, blocked] = [0, 0, 0, 0];
    const past = [];
    for (let month = 0; month < months; month++) {
      time += (25 + 10 * draw()) * DAY;
      value = (value + Math.floor(meter.mostPerDay * 30 * (0.1 + 0.4 * draw()) * 10 ** decimals)) % values;
      const truth = format(meter, value);
      const display = pick(displays, share, draw);
      const rows = turned(display, [...truth.replace(".", "")].map(Number), decimals);
      const reading = { accepted: display.accepted, confidence: display.confidence, rows };
      const { text, alone, accepted } = propose(meter, past, { reading, time, corrected: null });
      const right = text === truth;
      sum.readings++;
      sum.misread += Number(alone !== truth);
      sum.alone += Number(display.accepted);
      sum.alone_wrong += Number(display.accepted && alone !== truth);
      sum.accepted += Number(accepted);
      sum.wrong += Number(accepted && !right);
      sum.beyond_last += Number(accepted && text.slice(0, -1) !== truth.slice(0, -1));
      stuck = accepted && right ? 0 : stuck + 1;
      longest = Math.max(longest, stuck);
      if (accepted && right) blocked = 0;
      else if (display.accepted && alone === truth) blocked++; // sure and right, but for the past
      sum.blocked = Math.max(sum.blocked, blocked);
      past.push({ time, text, rows: rows.slice(-digits), corrected: false, kind: accepted ? "forward" : "doubtful" });
    }
    sum.stuck.push(longest);
  }
  return sum;
}
