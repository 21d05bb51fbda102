/** What was refused, and why, as sentences in the page's language. */
import { t } from "./i18n.js";
import { unexpected } from "./sentences.js";
import { StoreError } from "./stored.js";

/** Part of a sentence. @param {import("./stored.js").Why | null} why null where nothing more is known @returns {string} */
export function whyText(why) {
  return why ? t(`why_${why.name}`, why.values) : t("why_unknown");
}

/** Why something was not kept. @param {unknown} error of the store @returns {string} */
export function notKept(error) {
  if (!(error instanceof StoreError)) return unexpected(error);
  const name = /** @type {{name?: string} | undefined} */ (error.cause)?.name ?? error.code;
  return t(`store_${error.code}`, { why: whyText(error.why), name });
}
