/** The use of a meter by day or by month: a chart, and the table that it is drawn from. */
import { element } from "../dom.js";
import { currentLanguage, dateLocale, t, withUnit } from "../i18n.js";
import { keyButton } from "./list.js";
import { daysOf, knownWhole, monthsOf, spread } from "./use.js";
import { amount, useName } from "./words.js";

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

/**
 * @typedef {object} Column what is known of a day or a month
 * @property {number | null} used in the meter's unit
 * @property {boolean} whole whether that is known of all of it
 */

const PALE = "66"; // opacity, after a colour of six hexadecimal digits

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
    const whole = knownWhole(steps, period.edges);
    const columns = spread(meter, steps, period.edges).map((used, at) => ({ used, whole: whole[at] }));
    const again = () => {
      const key = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
      this.#fill(place, meter, use);
      /** @type {HTMLElement | null} */ (place.querySelector(`[data-key="${CSS.escape(key ?? "")}"]`))?.focus();
    };
    const picture = element("div", { className: "chart-area" });
    const paler = columns.some((column) => column.used !== null && !column.whole) ? ` ${t("meters_paler")}` : "";
    const hint = element("p", { className: "hint" }, t("meters_spread") + paler);
    const tools = element(
      "div",
      { className: "tools" },
      ...this.#drawUnits(again),
      ...this.#drawSteps(period, first, last, again),
    );
    const table = drawTable(meter, period, columns, this.#by);
    table.open = this.#tableOpen;
    table.ontoggle = () => (this.#tableOpen = table.open);
    place.replaceChildren(heading, tools, picture, table, hint);
    void this.#drawChart(picture, table, () => configuration(meter, period, columns));
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

  /** @param {HTMLElement} place @param {HTMLDetailsElement} table @param {() => Configuration} configured */
  async #drawChart(place, table, configured) {
    const latest = this.#latest;
    const canvas = element("canvas", {
      role: "img",
      "aria-label": t("meters_chart", { use: table.querySelector("caption")?.textContent ?? "" }),
    });
    place.replaceChildren(canvas);
    try {
      const { Chart } = await loadChart();
      if (latest !== this.#latest || !canvas.isConnected) return;
      this.#chart = new Chart(canvas, configured());
    } catch (error) {
      console.warn(error);
      place.replaceChildren(element("p", { className: "hint" }, t("meters_chart_failed")));
      table.open = true;
    }
  }
}

/** @param {Meter} meter @param {Period} period @param {Column[]} columns @returns {Configuration} */
function configuration(meter, { labels, names }, columns) {
  const style = getComputedStyle(document.documentElement);
  const [accent, soft, line] = ["--accent", "--soft", "--line"].map((name) => style.getPropertyValue(name).trim());
  const data = columns.map(({ used }) => used);
  const backgroundColor = columns.map(({ whole }) => (whole ? accent : accent + PALE));
  return {
    type: "bar",
    data: { labels, datasets: [{ data, backgroundColor, borderRadius: 3, maxBarThickness: 40 }] },
    options: {
      locale: currentLanguage(),
      animation: false,
      maintainAspectRatio: false,
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: ([{ dataIndex }]) => names[dataIndex],
            label: ({ dataIndex }) => columnText(meter, columns[dataIndex], meter.unit),
          },
        },
      },
      scales: {
        x: { ticks: { color: soft, maxRotation: 0 }, grid: { display: false } },
        y: {
          beginAtZero: true,
          ticks: { color: soft },
          grid: { color: line },
          title: { display: Boolean(meter.unit), text: meter.unit, color: soft },
        },
      },
    },
  };
}

/** @param {Meter} meter @param {Column} column @param {string} [unit] */
function columnText(meter, { used, whole }, unit = "") {
  if (used === null) return t("meters_unknown");
  const text = withUnit(amount(meter, used), unit);
  return whole ? text : t("meters_in_part", { used: text });
}

/** @param {Meter} meter @param {Period} period @param {Column[]} columns @param {"day" | "month"} by */
function drawTable(meter, { names, title }, columns, by) {
  const head = [t(by === "day" ? "meters_day" : "meters_month"), useName(meter)];
  const rows = names.map((name, index) => {
    const used = element("td", {}, columnText(meter, columns[index]));
    return element("tr", {}, element("th", { scope: "row" }, name), used);
  });
  const heads = head.map((text) => element("th", { scope: "col" }, text));
  const caption = element("caption", {}, `${useName(meter)}: ${title}`);
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
  const name = new Intl.DateTimeFormat(dateLocale(), { dateStyle: "long" });
  const title = new Intl.DateTimeFormat(dateLocale(), { month: "long", year: "numeric" }).format(at);
  const days = edges.slice(0, -1);
  return { title, edges, labels: days.map((_, day) => String(day + 1)), names: days.map((day) => name.format(day)) };
}

/** @param {Date} at @returns {Period} the months of its year */
function yearPeriod(at) {
  const edges = monthsOf(at.getFullYear());
  const short = new Intl.DateTimeFormat(dateLocale(), { month: "short" });
  const long = new Intl.DateTimeFormat(dateLocale(), { month: "long", year: "numeric" });
  const months = edges.slice(0, -1);
  const names = months.map((month) => long.format(month));
  return { title: String(at.getFullYear()), edges, labels: months.map((month) => short.format(month)), names };
}
