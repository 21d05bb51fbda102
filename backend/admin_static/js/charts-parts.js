/** What the charts of charts.js are made of: figures out of a table, colours of the page, axes, legend. */

/**
 * @typedef {{name: string, values: (number | null)[], low: (number | null)[], high: (number | null)[]}} Series
 * @typedef {{labels: string[], x: (number | null)[], series: Series[]}} Figures
 * @typedef {{ink: string, soft: string, line: string, sheet: string, series: string[]}} Colours
 */

const LANGUAGE = document.documentElement.lang || "en";

/**
 * Read a table.
 * @param {HTMLTableElement} table
 * @returns {Figures}
 */
export function figuresOf(table) {
  /** @type {Figures} */
  const figures = { labels: [], x: [], series: [] };
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  heads.forEach((head, column) => {
    const cells = rows.map((row) => row.cells[column]);
    const values = cells.map((cell) => (cell?.dataset.value ? Number(cell.dataset.value) : null));
    const last = figures.series.at(-1);
    if (head.dataset.role === "x") {
      figures.labels = cells.map((cell) => cell?.textContent?.trim() ?? "");
      figures.x = values;
    } else if (head.dataset.role === "series") {
      figures.series.push({ name: head.dataset.name ?? head.textContent?.trim() ?? "", values, low: [], high: [] });
    } else if (last && head.dataset.role === "low") last.low = values;
    else if (last && head.dataset.role === "high") last.high = values;
  });
  return figures;
}

/** @returns {Colours} as the stylesheet has them now, light or dark */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const series = [1, 2, 3, 4, 5, 6].map((number) => get(`--chart-${number}`));
  return { ink: get("--ink"), soft: get("--soft"), line: get("--line"), sheet: get("--sheet"), series };
}

/** How numbers of an axis are written. @param {boolean} percent */
export function written(percent) {
  const format = new Intl.NumberFormat(LANGUAGE, {
    style: percent ? "percent" : "decimal",
    maximumFractionDigits: percent ? 1 : 3,
  });
  return (/** @type {number | string} */ value) => format.format(Number(value));
}

/** @param {string | undefined} title @param {boolean} percent @param {Colours} colour @param {object} more */
export function axis(title, percent, colour, more) {
  return {
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined && value !== "")),
    title: { display: Boolean(title), text: title, color: colour.soft },
    ticks: { color: colour.soft, callback: written(percent) },
    grid: { color: colour.line },
    border: { color: colour.line },
  };
}

/** What all charts have. @param {Colours} colour @param {boolean} legend @param {(value: number) => string} [row] */
export function common(colour, legend, row) {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    plugins: {
      legend: {
        display: legend,
        labels: {
          color: colour.ink,
          usePointStyle: true,
          boxWidth: 8,
          boxHeight: 8,
          filter: (/** @type {{text: string}} */ item) => item.text !== "",
        },
      },
      tooltip: {
        filter: (/** @type {{dataset: {label?: string}}} */ item) => item.dataset.label !== "",
        callbacks: row && {
          label: (/** @type {{parsed: {x: number, y: number}}} */ { parsed }) =>
            `${row(Math.round(parsed.y))}: ${written(true)(parsed.x)}`,
        },
      },
    },
  };
}
