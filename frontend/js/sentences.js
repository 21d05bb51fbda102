/** Errors of the reader as sentences in the page's language, which say what to do. */
import { t } from "./i18n.js";

const LOADING = /** @type {const} */ (["broken", "backend", "worker"]);
const READING = /** @type {const} */ (["not_image", "damaged", "too_large", "too_small", "bad_box", "worker"]);

/** Why there is no reader. @param {unknown} error @returns {string} */
export function loadingFailed(error) {
  if (codeOf(error) === "download") return t(navigator.onLine ? "error_download" : "error_offline");
  return sentence(LOADING, error) ?? unexpected(error);
}

/**
 * What a person can do in the page about a reader that does not come: nothing where the browser is at fault.
 *
 * @param {unknown} error @returns {"retry" | "reload" | null}
 */
export function remedyOf(error) {
  if (codeOf(error) === "backend") return null;
  return codeOf(error) === "download" || codeOf(error) === "broken" ? "retry" : "reload";
}

/** Why there are no networks on a page that has no reader. @param {unknown} error @returns {string} */
export function networksFailed(error) {
  if (codeOf(error) === "download") return t(navigator.onLine ? "networks_download" : "networks_offline");
  const known = LOADING.find((each) => each === codeOf(error));
  return known ? t(`networks_${known}`) : unexpected(error);
}

/** Why nothing could be learned from pictures. @param {unknown} error @returns {string} */
export function learningFailed(error) {
  const isPicture = READING.some((code) => code === codeOf(error));
  return isPicture ? readingFailed(error) : loadingFailed(error);
}

/** Why a picture was not read. @param {unknown} error @returns {string} */
export function readingFailed(error) {
  return sentence(READING, error) ?? t("error_unread", { name: nameOf(error) });
}

/**
 * The sentence of a code; those without one of their own share one.
 *
 * @param {readonly ((typeof LOADING)[number] | (typeof READING)[number])[]} codes
 * @param {unknown} error
 */
function sentence(codes, error) {
  const known = codes.find((each) => each === codeOf(error));
  return known && t(`error_${known}`);
}

/** What nobody has foreseen, named for those who may know more. @param {unknown} error @returns {string} */
export function unexpected(error) {
  return t("error_failed", { name: nameOf(error) });
}

/** @param {unknown} error */
function nameOf(error) {
  return codeOf(error) ?? (error instanceof Error ? error.name : typeof error);
}

/** @param {unknown} error */
function codeOf(error) {
  const code = /** @type {{code?: unknown} | null} */ (error)?.code;
  return typeof code === "string" ? code : undefined; // a DOMException has a number there, which tells nobody anything
}
