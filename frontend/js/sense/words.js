/** Small words about readings. */
import { encode } from "../reading.js";

/** Whether two texts are the same reading, leading zeros aside. @param {string} one @param {string} other */
export function isSame(one, other) {
  const [a, b] = [encode(one), encode(other)];
  return a.every((each, index) => each === b[index]);
}
