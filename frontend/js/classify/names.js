/** What a network tells apart, in words, and the card that it is described by. */
import { currentLanguage, decimal, t } from "../i18n.js";

/** @typedef {import("../classifiers/versions.js").ClassifierCard} ClassifierCard */

/** @type {Record<string, import("../i18n.js").TextName>} classes with a name in words; others go by their folder's */
const CLASSES = {
  clock: "classify_clock",
  crocodile: "classify_crocodile",
  meter: "classify_meter",
  other: "classify_other",
};
const NAMED = 4; // of more classes than these the first are named

/** @param {string} name */
export function className(name) {
  return Object.hasOwn(CLASSES, name) ? t(CLASSES[name]) : name;
}

/** As in "Clock or crocodile". @param {ClassifierCard} card */
export function questionOf({ classes }) {
  const shown = classes.slice(0, NAMED).map(className);
  if (classes.length > NAMED) return capital(`${shown.join(", ")} …`);
  return capital(new Intl.ListFormat(currentLanguage(), { type: "disjunction" }).format(shown));
}

/** Its size, and how well it tells its classes apart where its card says. @param {ClassifierCard} card */
export function aboutText({ name, version, parameters, metrics }) {
  const values = { model: `${name} ${version}`, parameters: decimal(parameters) };
  const { value, n } = metrics?.test?.accuracy ?? {};
  if (typeof value !== "number" || typeof n !== "number") return t("classify_about_short", values);
  const share = new Intl.NumberFormat(currentLanguage(), { style: "percent", minimumFractionDigits: 1 });
  return t("classify_about", { ...values, share: share.format(value), pictures: decimal(n) });
}

/** @param {string} text */
export function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
