/** What meters measure, in which unit by the name of its text, and how much of it a household uses in a day at the very most. */

/**
 * Highest use a day that is still plausible: a connection of 11 kW under full load for half a day; ten bathtubs of water;
 * a gas boiler of 24 kW, or as much district heat, all day long.
 */
export const MEASURED = /** @type {const} */ ({
  electricity: { unit: "unit_kwh", mostPerDay: 150, digits: 6, decimals: 1 },
  water: { unit: "unit_m3", mostPerDay: 3, digits: 8, decimals: 3 },
  gas: { unit: "unit_m3", mostPerDay: 60, digits: 8, decimals: 3 },
  heat: { unit: "unit_heat", mostPerDay: 0.6, digits: 7, decimals: 3 },
});

/** @typedef {keyof typeof MEASURED} Measured */

const BY_UNIT = /** @type {Record<string, number>} */ ({
  kwh: 150,
  wh: 150_000,
  mwh: 0.6,
  gj: 2,
  gcal: 0.6,
  "m³": 60,
  m3: 60,
  l: 3000,
  квтч: 150,
  втч: 150_000,
  мвтч: 0.6,
  гдж: 2,
  гкал: 0.6,
  "м³": 60,
  м3: 60,
  л: 3000,
});
const OTHER = 1000; // of a unit that is not known: too high stops less than too low

/** @param {string} unit dots and spaces in it do not count @returns {number} the highest plausible use a day, in that unit */
export function usualUse(unit) {
  return BY_UNIT[unit.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")] ?? OTHER;
}
