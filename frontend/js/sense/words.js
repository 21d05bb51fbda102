/** Small words about readings and the store. */
import { t } from "../i18n.js";
import { encode } from "../reading.js";

/** Whether two texts are the same reading, leading zeros aside. @param {string} one @param {string} other */
export function isSame(one, other) {
  const [a, b] = [encode(one), encode(other)];
  return a.every((each, index) => each === b[index]);
}

/** @param {unknown} error of the store @returns {string} in the page's language */
export function whyNotKept(error) {
  const { code, message } = /** @type {{code?: string, message: string}} */ (error);
  return code === "full" || code === "unavailable" ? t(`store_${code}`) : t("store_failed", { message });
}
