/**
 * Charts drawn from tables. Each `<figure data-chart>` holds a table with its figures, which is there for everyone (also
 * without scripts and for screen readers); the chart is only another view of it, so both always say the same.
 *
 * The table's heads say what its columns are, by `data-role`: "x" (the label or the number that the others belong to),
 * "series", and "low" and "high", the ends of the interval of the series before them. Cells carry `data-value`; an empty
 * one is a gap. The figure's `data-chart` is "line" (numbers on both axes) or "dots" (one row a label, with intervals).
 */
import { Chart } from "../vendor/chart.js";
import { axis, colours, common, figuresOf } from "./charts-parts.js";

/**
 * @typedef {import("./charts-parts.js").Figures} Figures
 * @typedef {import("./charts-parts.js").Colours} Colours
 * @typedef {import("../vendor/chart.js").ChartConfiguration<"line" | "scatter", {x: number, y: number}[]>} Configuration
 * @typedef {import("../vendor/chart.js").ChartDataset<"line" | "scatter", {x: number, y: number}[]>} Dataset
 */

/** Told apart by shape and dashes too, not by colour alone. */
const SHAPES = /** @type {const} */ (["circle", "rect", "triangle", "rectRot", "star", "cross"]);
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]];
const ROW = 30; // pixels of a label's row in a chart of dots

/** @type {WeakMap<HTMLElement, Chart>} */
const drawn = new WeakMap();

/** @param {(number | null)[]} x @param {(number | null)[]} y */
function points(x, y) {
  return x.flatMap((at, i) => {
    const value = y[i];
    return at === null || value === null || value === undefined ? [] : [{ x: at, y: value }];
  });
}

/** Lines with their intervals as bands. @param {Figures} figures @param {Colours} colour @returns {Dataset[]} */
function lines(figures, colour) {
  return figures.series.flatMap((series, i) => {
    const own = colour.series[i % colour.series.length];
    const line = {
      label: series.name,
      data: points(figures.x, series.values),
      borderColor: own,
      backgroundColor: own,
      borderWidth: 2,
      borderDash: [...DASHES[i % DASHES.length]],
      pointStyle: SHAPES[i % SHAPES.length],
      pointRadius: figures.x.length > 60 ? 0 : 3,
      pointHitRadius: 8,
    };
    const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0, label: "" };
    const low = { ...edge, data: points(figures.x, series.low), fill: false };
    const high = { ...edge, data: points(figures.x, series.high), fill: "-1", backgroundColor: `${own}33` };
    return /** @type {Dataset[]} */ (series.low.length ? [line, low, high] : [line]);
  });
}

/** A straight line through the chart: what perfect would be, a threshold. @param {{x: number, y: number}[]} data
 * @param {string} label @param {Colours} colour @returns {Dataset} */
function ruler(data, label, colour) {
  const look = { borderColor: colour.soft, backgroundColor: colour.soft, borderWidth: 1, borderDash: [4, 4] };
  return /** @type {Dataset} */ ({
    ...look,
    label,
    data,
    pointStyle: "line",
    pointRadius: 0,
    pointHitRadius: 0,
    fill: false,
  });
}

/** @param {HTMLElement} figure @param {Figures} figures @param {Colours} colour @returns {Configuration} */
function lineChart(figure, figures, colour) {
  const { percentX, percentY, perfect, limitX, limitXName, maxY, maxX, diagonal } = figure.dataset;
  const datasets = lines(figures, colour);
  const top = maxY ? Number(maxY) : Math.max(0, ...datasets.flatMap(({ data }) => data.map(({ y }) => y)));
  const whole = [0, 1].map((value) => ({ x: value, y: value }));
  if (diagonal !== undefined) datasets.push(ruler(whole, perfect ?? "", colour));
  const end = Number(limitX);
  if (limitX)
    datasets.push(
      ruler(
        [0, top].map((y) => ({ x: end, y })),
        limitXName ?? "",
        colour,
      ),
    );
  return /** @type {Configuration} */ ({
    type: "line",
    data: { datasets },
    options: {
      ...common(colour, datasets.length > 1),
      parsing: false,
      scales: {
        x: axis(figure.dataset.x, percentX !== undefined, colour, { type: "linear", max: maxX && Number(maxX) }),
        y: axis(figure.dataset.y, percentY !== undefined, colour, { min: 0, max: maxY && Number(maxY) }),
      },
    },
  });
}

/** Draws an interval through each dot. @param {Figures} figures @param {Colours} colour */
function whiskers(figures, colour) {
  return {
    id: "whiskers",
    /** @param {Chart} chart */
    beforeDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      figures.series.forEach((series, s) => {
        ctx.strokeStyle = colour.series[s % colour.series.length];
        ctx.lineWidth = 2;
        series.low.forEach((low, row) => {
          const high = series.high[row];
          if (low === null || high === null || high === undefined) return;
          const y = scales.y.getPixelForValue(offset(row, s, figures.series.length));
          const [from, to] = [low, high].map((value) => scales.x.getPixelForValue(value));
          ctx.beginPath();
          ctx.moveTo(from, y);
          ctx.lineTo(to, y);
          for (const end of [from, to]) {
            ctx.moveTo(end, y - 4);
            ctx.lineTo(end, y + 4);
          }
          ctx.stroke();
        });
      });
    },
  };
}

/** Where a series' dot lies in its row. @param {number} row @param {number} series @param {number} count */
function offset(row, series, count) {
  return row + (series - (count - 1) / 2) * 0.28;
}

/** @param {HTMLElement} figure @param {Figures} figures @param {Colours} colour @returns {Configuration} */
function dotChart(figure, figures, colour) {
  const ends = figures.series.flatMap(({ values, low }) => [...values, ...low]).filter((value) => value !== null);
  const least = Math.floor(Math.min(1, ...ends) * 20 - 0.2) / 20;
  const datasets = figures.series.map((series, s) => ({
    label: series.name,
    data: series.values.flatMap((value, row) =>
      value === null ? [] : [{ x: value, y: offset(row, s, figures.series.length) }],
    ),
    borderColor: colour.series[s % colour.series.length],
    backgroundColor: colour.series[s % colour.series.length],
    pointStyle: SHAPES[s % SHAPES.length],
    pointRadius: 5,
  }));
  const name = (/** @type {string | number} */ value) => figures.labels[Number(value)] ?? "";
  return /** @type {Configuration} */ ({
    type: "scatter",
    data: { datasets },
    options: {
      ...common(colour, datasets.length > 1, name),
      scales: {
        x: axis(figure.dataset.x, figure.dataset.percentX !== undefined, colour, {
          min: Math.max(0, least),
          max: figure.dataset.maxX && Number(figure.dataset.maxX),
        }),
        y: {
          ...axis(undefined, false, colour, { type: "linear", reverse: true }),
          min: -0.6,
          max: figures.labels.length - 0.4,
          afterBuildTicks: (/** @type {{ticks: {value: number}[]}} */ scale) => {
            scale.ticks = figures.labels.map((_, value) => ({ value }));
          },
          ticks: { color: colour.ink, callback: name, autoSkip: false },
          grid: { display: false },
        },
      },
    },
    plugins: [whiskers(figures, colour)],
  });
}

/**
 * Draw a figure's chart, or draw it anew after its table has changed.
 * @param {HTMLElement} figure
 */
export function draw(figure) {
  const table = figure.querySelector("table");
  const area = /** @type {HTMLElement | null} */ (figure.querySelector(".chart-area"));
  const canvas = area?.querySelector("canvas");
  if (!table || !area || !canvas) return;
  drawn.get(figure)?.destroy();
  const figures = figuresOf(table);
  const empty = figures.series.every(({ values }) => values.every((value) => value === null));
  area.hidden = empty;
  if (empty) return;
  const dots = figure.dataset.chart === "dots";
  if (dots) area.style.height = `${ROW * (figures.labels.length + 2)}px`;
  const make = dots ? dotChart : lineChart;
  drawn.set(figure, new Chart(canvas, make(figure, figures, colours())));
}

/** Draw every chart inside an element. @param {ParentNode} part */
export function drawAll(part) {
  for (const figure of part.querySelectorAll("figure[data-chart]")) draw(/** @type {HTMLElement} */ (figure));
}

drawAll(document);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
