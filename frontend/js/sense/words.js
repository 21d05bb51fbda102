/** Small words about readings and the store. */
import { t } from "../i18n.js";
import { encode } from "../reading.js";
import { StoreError } from "../stored.js";

/** Whether two texts are the same reading, leading zeros aside. @param {string} one @param {string} other */
export function isSame(one, other) {
  const [a, b] = [encode(one), encode(other)];
  return a.every((each, index) => each === b[index]);
}

/** @param {unknown} error of the store @returns {string} in the page's language */
export function whyNotKept(error) {
  const message = error instanceof Error ? error.message : String(error);
  return t(error instanceof StoreError ? `store_${error.code}` : "store_failed", { message });
}
