/** The links between the pages, in the header of each. */
import { element } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

const PAGES = /** @type {const} */ ([
  { address: "./", text: "nav_read" },
  { address: "meters.html", text: "nav_meters" },
  { address: "batch.html", text: "nav_batch" },
  { address: "draw.html", text: "nav_draw" },
  { address: "classify.html", text: "nav_classify" },
]);

/** Fills the header's `<nav>`, now and whenever the language changes. @param {HTMLElement} place */
export function drawNav(place) {
  const links = PAGES.map(({ address }) => element("a", { href: address }));
  const here = links.find((link) => pathOf(link.href) === pathOf(location.href));
  here?.setAttribute("aria-current", "page");
  place.replaceChildren(...links);
  onLanguage(translate);
  translate();

  function translate() {
    links.forEach((link, index) => (link.textContent = t(PAGES[index].text)));
  }
}

/** @param {string} address */
function pathOf(address) {
  return new URL(address).pathname.replace(/index\.html$/, "");
}
