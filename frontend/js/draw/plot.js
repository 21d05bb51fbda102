/** The histogram of a test sheet: how often each digit was asked for, and recognised by each network. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { nameOf } from "./names.js";
import { askedFor, recipesOf, recognisedAs } from "./sheet.js";

/** @typedef {import("../../vendor/chart.js").ChartConfiguration<"bar", number[], string>} Configuration */

/** Chart.js weighs more than the page: only who has recorded something loads it. */
const loadChart = () => import("../../vendor/chart.js");
/** Of what was asked for, and then of the networks in turn. */
const COLOURS = ["--soft", "--accent", "--middle", "--violet", "--rose"];

export class Plot {
  /** @type {{destroy(): void} | null} */
  #chart = null;
  #latest = 0;

  release() {
    this.#latest++;
    this.#chart?.destroy();
    this.#chart = null;
  }

  /** @param {import("./sheet.js").Recorded[]} records some @returns {HTMLElement} */
  draw(records) {
    this.release();
    const area = element("div", { className: "chart-area" });
    void this.#fill(area, records);
    return element("figure", {}, element("figcaption", {}, t("draw_histogram")), area);
  }

  /** @param {HTMLElement} area @param {import("./sheet.js").Recorded[]} records */
  async #fill(area, records) {
    const latest = this.#latest;
    const canvas = element("canvas", { role: "img", "aria-label": t("draw_histogram_said") });
    area.replaceChildren(canvas);
    try {
      const { Chart } = await loadChart();
      if (latest === this.#latest && canvas.isConnected) this.#chart = new Chart(canvas, configuration(records));
    } catch (error) {
      console.warn(error);
      area.replaceChildren(element("p", { className: "hint" }, t("draw_histogram_failed")));
    }
  }
}

/** @param {import("./sheet.js").Recorded[]} records @returns {Configuration} */
function configuration(records) {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const counts = recipesOf(records).map((recipe) => ({ label: nameOf(recipe), data: recognisedAs(records, recipe) }));
  const all = [{ label: t("draw_tally_asked"), data: askedFor(records) }, ...counts];
  const [soft, line] = [colour("--soft"), colour("--line")];
  return {
    type: "bar",
    data: {
      labels: Array.from("0123456789"),
      datasets: all.map((each, at) => ({ ...each, backgroundColor: colour(COLOURS[at % COLOURS.length]) })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { position: "bottom", labels: { color: colour("--ink"), boxWidth: 14 } } },
      scales: {
        x: { ticks: { color: soft, maxRotation: 0 }, grid: { display: false } },
        y: {
          beginAtZero: true,
          ticks: { color: soft, precision: 0 },
          grid: { color: line },
          title: { display: true, text: t("draw_times"), color: soft },
        },
      },
    },
  };
}
