export { Chart, type ChartConfiguration, type ChartDataset, type Plugin } from "chart.js";
