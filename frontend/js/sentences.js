/** Errors of the reader as sentences in the page's language, which say what to do. */
import { t } from "./i18n.js";

const LOADING = /** @type {const} */ (["broken", "backend", "worker"]);
const READING = /** @type {const} */ (["not_image", "damaged", "too_large", "too_small", "bad_box", "worker"]);

/** Why there is no reader. @param {unknown} error @returns {string} */
export function loadingFailed(error) {
  if (codeOf(error) === "download") return t(navigator.onLine ? "error_download" : "error_offline");
  return sentence(LOADING, error);
}

/** Why a picture was not read. @param {unknown} error @returns {string} */
export function readingFailed(error) {
  return sentence(READING, error);
}

/**
 * Codes without a sentence of their own share one.
 *
 * @param {readonly ((typeof LOADING)[number] | (typeof READING)[number])[]} codes
 * @param {unknown} error
 */
function sentence(codes, error) {
  const known = codes.find((each) => each === codeOf(error));
  if (known) return t(`error_${known}`);
  return t("error_failed", { message: error instanceof Error ? error.message : String(error) });
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {{code?: string} | null} */ (error)?.code;
}
