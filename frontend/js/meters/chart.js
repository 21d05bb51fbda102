/** The use of a meter by day or by month: a chart, and the table that it is drawn from. */
import { element } from "../dom.js";
import { currentLanguage, t } from "../i18n.js";
import { keyButton } from "./list.js";
import { daysOf, monthsOf, spread } from "./use.js";
import { amount } from "./words.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("./use.js").Use} Use
 * @typedef {import("../../vendor/chart.js").ChartConfiguration<"bar", (number | null)[], string>} Configuration
 *
 * @typedef {object} Period
 * @property {string} title
 * @property {number[]} edges of its days or months, milliseconds since 1970
 * @property {string[]} labels of these, for the axis
 * @property {string[]} names of these, for the table
 */

/** Chart.js weighs more than the page: only who looks at a chart loads it. */
const loadChart = () => import("../../vendor/chart.js");

export class UseChart {
  /** @type {"day" | "month"} */
  #by = "day";
  /** @type {Date | null} a moment in the period; null for that of the last use */
  #at = null;
  #tableOpen = false;
  /** @type {{destroy(): void} | null} */
  #chart = null;
  #latest = 0;

  /** @param {Meter} meter @param {Use} use @returns {HTMLElement} */
  draw(meter, use) {
    const place = element("section", { className: "use", "aria-label": t("meters_use") });
    this.#fill(place, meter, use);
    return place;
  }

  release() {
    this.#latest++;
    this.#chart?.destroy();
    this.#chart = null;
  }

  /** @param {HTMLElement} place @param {Meter} meter @param {Use} use */
  #fill(place, meter, use) {
    this.release();
    const { steps } = use;
    const heading = element("h3", {}, t("meters_use"));
    if (!steps.length) {
      return place.replaceChildren(heading, element("p", { className: "hint" }, t("meters_chart_none")));
    }
    const first = new Date(steps[0].from);
    const last = new Date(steps[steps.length - 1].to - 1); // what was read at midnight was used the day before
    const at = new Date(Math.min(Math.max((this.#at ?? last).valueOf(), first.valueOf()), last.valueOf()));
    const period = this.#by === "day" ? monthPeriod(at) : yearPeriod(at);
    const values = spread(meter, steps, period.edges);
    const again = () => {
      const key = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
      this.#fill(place, meter, use);
      /** @type {HTMLElement | null} */ (place.querySelector(`[data-key="${CSS.escape(key ?? "")}"]`))?.focus();
    };
    const picture = element("div", { className: "chart-area" });
    const hint = element("p", { className: "hint" }, t("meters_spread"));
    const tools = element(
      "div",
      { className: "tools" },
      ...this.#drawUnits(again),
      ...this.#drawSteps(period, first, last, again),
    );
    const table = drawTable(meter, period, values, this.#by);
    table.open = this.#tableOpen;
    table.ontoggle = () => (this.#tableOpen = table.open);
    place.replaceChildren(heading, tools, picture, table, hint);
    void this.#drawChart(picture, meter, period, values);
  }

  /** @param {() => void} again @returns {Node[]} */
  #drawUnits(again) {
    const button = (/** @type {"day" | "month"} */ by) => {
      const label = t(by === "day" ? "meters_by_day" : "meters_by_month");
      const made = keyButton(
        `by-${by}`,
        label,
        () => {
          this.#by = by;
          again();
        },
        "quiet",
      );
      made.setAttribute("aria-pressed", String(by === this.#by));
      return made;
    };
    return [
      element(
        "div",
        { className: "pair", role: "group", "aria-label": t("meters_use") },
        button("day"),
        button("month"),
      ),
    ];
  }

  /** @param {Period} period @param {Date} first @param {Date} last @param {() => void} again @returns {Node[]} */
  #drawSteps({ title, edges }, first, last, again) {
    const step = (
      /** @type {string} */ key,
      /** @type {string} */ sign,
      /** @type {string} */ label,
      /** @type {number} */ to,
    ) => {
      const button = keyButton(
        key,
        sign,
        () => {
          this.#at = new Date(to);
          again();
        },
        "quiet",
      );
      button.setAttribute("aria-label", label);
      return button;
    };
    const [start, end] = [edges[0], edges[edges.length - 1]];
    const earlier = step("earlier", "‹", t("meters_earlier"), start - 1);
    const later = step("later", "›", t("meters_later"), end);
    earlier.disabled = first.valueOf() >= start;
    later.disabled = last.valueOf() < end;
    const name = element("strong", { className: "period", role: "status" }, title);
    return [element("div", { className: "pair" }, earlier, name, later)];
  }

  /** @param {HTMLElement} place @param {Meter} meter @param {Period} period @param {(number | null)[]} values */
  async #drawChart(place, meter, period, values) {
    const latest = this.#latest;
    const canvas = element("canvas", { role: "img" });
    canvas.setAttribute("aria-label", t("meters_chart", { period: period.title, unit: meter.unit }));
    place.replaceChildren(canvas);
    try {
      const { Chart } = await loadChart();
      if (latest !== this.#latest || !canvas.isConnected) return;
      this.#chart = new Chart(canvas, configuration(meter, period, values));
    } catch (error) {
      console.warn(error);
      place.replaceChildren(element("p", { className: "hint" }, t("meters_chart_failed")));
    }
  }
}

/** @param {Meter} meter @param {Period} period @param {(number | null)[]} values @returns {Configuration} */
function configuration(meter, { labels, names }, values) {
  const style = getComputedStyle(document.documentElement);
  const [accent, soft, line] = ["--accent", "--soft", "--line"].map((name) => style.getPropertyValue(name).trim());
  return {
    type: "bar",
    data: { labels, datasets: [{ data: values, backgroundColor: accent, borderRadius: 3, maxBarThickness: 40 }] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: ([{ dataIndex }]) => names[dataIndex],
            label: ({ dataIndex }) => `${amount(meter, values[dataIndex] ?? 0)} ${meter.unit}`,
          },
        },
      },
      scales: {
        x: { ticks: { color: soft, maxRotation: 0 }, grid: { display: false } },
        y: {
          beginAtZero: true,
          ticks: { color: soft },
          grid: { color: line },
          title: { display: true, text: meter.unit, color: soft },
        },
      },
    },
  };
}

/** @param {Meter} meter @param {Period} period @param {(number | null)[]} values @param {"day" | "month"} by */
function drawTable(meter, { names, title }, values, by) {
  const head = [t(by === "day" ? "meters_day" : "meters_month"), `${t("meters_use")}, ${meter.unit}`];
  const rows = names.map((name, index) => {
    const value = values[index];
    const used = element("td", {}, value === null ? t("meters_unknown") : amount(meter, value));
    return element("tr", {}, element("th", { scope: "row" }, name), used);
  });
  const heads = head.map((text) => element("th", { scope: "col" }, text));
  const caption = element("caption", {}, `${t("meters_use")}: ${title}`);
  const table = element(
    "table",
    {},
    caption,
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows),
  );
  const summary = element("summary", { dataset: { key: "chart-table" } }, t("meters_chart_table"));
  return element("details", { className: "chart-table" }, summary, table);
}

/** @param {Date} at @returns {Period} the days of its month */
function monthPeriod(at) {
  const edges = daysOf(at.getFullYear(), at.getMonth());
  const name = new Intl.DateTimeFormat(currentLanguage(), { dateStyle: "long" });
  const title = new Intl.DateTimeFormat(currentLanguage(), { month: "long", year: "numeric" }).format(at);
  const days = edges.slice(0, -1);
  return { title, edges, labels: days.map((_, day) => String(day + 1)), names: days.map((day) => name.format(day)) };
}

/** @param {Date} at @returns {Period} the months of its year */
function yearPeriod(at) {
  const edges = monthsOf(at.getFullYear());
  const short = new Intl.DateTimeFormat(currentLanguage(), { month: "short" });
  const long = new Intl.DateTimeFormat(currentLanguage(), { month: "long", year: "numeric" });
  const months = edges.slice(0, -1);
  const names = months.map((month) => long.format(month));
  return { title: String(at.getFullYear()), edges, labels: months.map((month) => short.format(month)), names };
}
