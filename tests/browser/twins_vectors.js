/** The random tensors of tests/vectors/tensors.py, number for number, and what the codec says of them as text. */
import { CLASSES, decode, ROWS } from "/js/reading.js";

const CELLS = ROWS * CLASSES;
const TEMPERATURES = [1.0, 0.5, 1.37, 2.9];
const SPECIAL = [NaN, Infinity, -Infinity, -0.75, -0.0, 0.0, 1e-45, 3e38];
const EMPTY = [0.0, NaN, -1.0];
const POWERS = [1e-42, 1e-30, 1e-6, 1.0, 1e9, 1e38];
const TURN = 0.3183;

export function tensors(seed, count) {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => tensor(random));
}

export function lines(cases) {
  return cases.map(({ array, ...decision }) => {
    const reading = decode(array, decision);
    const digits = reading.digits.map(({ digit, confidence }) => `${digit}:${rounded(confidence)}`).join(" ");
    const sure = `${rounded(reading.confidence)} ${rounded(reading.pointConfidence)}`;
    return `${reading.text} ${reading.decimals} ${reading.reason ?? "accepted"} ${sure} ${digits}`;
  });
}

const rounded = (confidence) => Math.floor(confidence * 1e6 + TURN);

function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function tensor(random) {
  const draw = () => Array.from({ length: ROWS }, () => Array.from({ length: CLASSES }, random));
  const [first, second] = [draw(), draw()];
  const [kind, temperature, threshold, unreadable] = Array.from({ length: 4 }, random);
  const rows = first.map((row, index) => KINDS[Math.floor(kind * KINDS.length)](row, second[index]));
  return {
    array: Float32Array.from(rows.flat()),
    temperature: TEMPERATURES[Math.floor(temperature * 4)],
    threshold: threshold * threshold,
    unreadable: unreadable * unreadable,
  };
}

function normalised(row) {
  const total = row.reduce((sum, each) => sum + each);
  return row.map((each) => each / total);
}

const flat = (row) => normalised(row.map((each) => each + 3));

/** In the order of the Python module. */
const KINDS = [
  (row) => {
    const fourth = row.map((each) => each * each * each * each);
    return normalised(fourth.map((each) => each * each * each * each));
  },
  flat,
  (row) => row.map((each) => Math.floor(each * each * 4) / 4),
  (row, other) => row.map((each, index) => (other[index] < 0.25 ? SPECIAL[Math.floor(each * SPECIAL.length)] : each)),
  (row, other) => (other[0] < 0.4 ? row.map(() => EMPTY[Math.floor(other[1] * 3)]) : flat(row)),
  (row) => row.map((_, index) => Number(index === Math.floor(row[0] * CLASSES))),
  (row, other) => row.map((each) => (each - 0.2) * POWERS[Math.floor(other[0] * 6)] * 9),
];
