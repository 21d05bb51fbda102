/** How likely a class is: its name, a bar, and the probability. */
import { element } from "./dom.js";
import { percent } from "./i18n.js";

/** @param {string} name @param {number | null} chance 0 to 1; null while there is none @param {boolean} isBest */
export function drawChance(name, chance, isBest) {
  const filled = element("span", { className: "filled" });
  filled.style.setProperty("width", `${(chance ?? 0) * 100}%`);
  const bar = element("span", { className: "chance-bar", "aria-hidden": "true" }, filled);
  const share = element("span", { className: "share" }, chance === null ? "–" : percent(chance));
  return element("li", { className: isBest ? "best" : "" }, element("span", { className: "class" }, name), bar, share);
}
