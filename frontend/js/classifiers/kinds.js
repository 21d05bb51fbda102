/** Which published classifiers the pages use, by what their cards say. */

const DIGITS = "0123456789";

/** Whether a version is a classifier of drawn digits. @param {any} card */
export function readsDrawnDigits(card) {
  const { kind, input, classes } = Object(card);
  const isDrawn = kind === "classifier" && input?.preparation === "drawn" && input.channels === 1;
  return isDrawn && Array.isArray(classes) && classes.join("") === DIGITS;
}

/** Whether a version is a classifier of whole pictures. @param {any} card */
export function tellsPictures(card) {
  const { kind, input, classes } = Object(card);
  const isWhole = kind === "classifier" && input?.preparation === "picture" && input.channels === 3;
  return isWhole && Array.isArray(classes) && classes.length > 1;
}

/** Whether some page uses it. @param {any} card */
export function isOfUse(card) {
  return readsDrawnDigits(card) || tellsPictures(card);
}
