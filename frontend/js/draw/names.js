/** What a network is called, and the card that it is described by. */
import { currentLanguage, t } from "../i18n.js";

/** @type {Record<string, import("../i18n.js").TextName>} those with a name in words; others go by their recipe's */
const NAMES = {
  drawn_convolutional: "draw_convolutional",
  drawn_dense: "draw_dense",
  lenet: "draw_lenet",
  lenet_better: "draw_lenet_better",
};

/** @param {string} recipe */
export function nameOf(recipe) {
  return Object.hasOwn(NAMES, recipe) ? t(NAMES[recipe]) : recipe;
}

/** Its size, and how well it reads where its card tells. @param {import("../classifiers/versions.js").ClassifierCard} card */
export function aboutText({ parameters, metrics }) {
  const language = currentLanguage();
  const count = new Intl.NumberFormat(language).format(parameters);
  const value = metrics?.test?.accuracy?.value;
  if (typeof value !== "number") return t("draw_about_short", { parameters: count });
  const share = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 2 });
  return t("draw_about", { parameters: count, share: share.format(value) });
}
