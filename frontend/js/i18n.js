/** The page's language: the browser's, until the person chooses one. */
import { TEXTS } from "./texts.js";

/** @typedef {keyof typeof TEXTS} Language */
/** @typedef {keyof typeof TEXTS.en} TextName */

const STORED = "language";
const listeners = new Set();
let language = first();

/** @returns {Language} */
export function currentLanguage() {
  return language;
}

/** @param {Language} chosen */
export function setLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem(STORED, chosen);
  } catch {
    // Without storage the choice holds until the page is closed.
  }
  for (const listener of listeners) listener();
}

/** @param {() => void} listener called after each change @returns {() => void} ends it */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * @param {TextName} name
 * @param {Record<string, string | number>} [values]
 */
export function t(name, values = {}) {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** Texts of the fixed part of the page: `data-text` fills an element, `data-label` its aria-label. */
export function translateDocument() {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = t(/** @type {TextName} */ (element.getAttribute("data-text")));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(/** @type {TextName} */ (element.getAttribute("data-label"))));
  }
}

/** Rounded down, so that 100% means certain. @param {number} part 0 to 1 */
export function percent(part) {
  return new Intl.NumberFormat(language, { style: "percent" }).format(Math.floor(part * 100) / 100);
}

/** @param {number} number @param {number} [digits] after the decimal point */
export function decimal(number, digits = 0) {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, format).format(number);
}

/** With as many decimals as it was given with. @param {number} number */
export function asGiven(number) {
  return decimal(number, String(number).split(".")[1]?.length ?? 0);
}

/** Of dates: an English page is read in many countries, and "10/1" is the 1st of October in one of them only. */
export function dateLocale() {
  return language === "en" ? "en-GB" : language;
}

/** A reading's text as this language writes it; never by way of a float. @param {string} text */
export function readingText(text) {
  return language === "ru" ? text.replace(".", ",") : text;
}

/** With its unit, if it has one. @param {string} text @param {string} unit */
export function withUnit(text, unit) {
  return unit ? `${text} ${unit}` : text;
}

/** @returns {Language} */
function first() {
  let stored = null;
  try {
    stored = localStorage.getItem(STORED);
  } catch {
    // No storage: the browser's language then.
  }
  if (stored === "en" || stored === "ru") return stored;
  const known = navigator.languages.find((tag) => /^(en|ru)\b/i.test(tag));
  return known?.toLowerCase().startsWith("ru") ? "ru" : "en";
}
