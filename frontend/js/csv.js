/** Tables as CSV (RFC 4180), both ways, safe to open in a spreadsheet. */

const MARK = "\ufeff"; // tells spreadsheets that it is UTF-8
const FORMULA = /^'*[=+\-@\t\r]/; // a spreadsheet would run such a cell, without its apostrophes
const DEFUSED = /^'+[=+\-@\t\r]/;

/** A table that is none, and which of its lines is to blame. */
export class CsvError extends SyntaxError {
  /** @param {number} line from 1 */
  constructor(line) {
    super(`expected a table, got a quotation mark out of place in line ${line}`);
    this.line = line;
  }
}

/**
 * @param {string[][]} table a line of names, then the others
 * @returns {string} a cell that a spreadsheet would run gets an apostrophe in front, which `readCsv` takes away again
 */
export function writeCsv(table) {
  return `${MARK}${table.map((line) => `${line.map(quoted).join(",")}\r\n`).join("")}`;
}

/**
 * Reads a table with commas, or with semicolons as spreadsheets of half of Europe write it. Empty lines are left out.
 *
 * @param {string} text
 * @returns {{line: number, cells: string[]}[]} `line` counts from 1, as an editor does
 * @throws {CsvError} for a quotation mark that is never closed, or has anything but a separator behind it
 */
export function readCsv(text) {
  const source = text.startsWith(MARK) ? text.slice(1) : text;
  const head = source.slice(0, source.search(/[\r\n]|$/));
  const separator = head.split(";").length > head.split(",").length ? ";" : ",";
  const cell = new RegExp(
    `("[^"]*(?:""[^"]*)*"|[^"${separator}\\r\\n][^${separator}\\r\\n]*|)(${separator}|\\r\\n|\\n|\\r|$)`,
    "y",
  );
  const rows = [];
  let line = 1;
  let row = { line, cells: /** @type {string[]} */ ([]) };
  while (cell.lastIndex < source.length) {
    const found = cell.exec(source);
    if (!found) throw new CsvError(line);
    row.cells.push(plain(found[1]));
    line += found[0].match(/\r\n|\n|\r/g)?.length ?? 0;
    if (found[2] === separator) {
      if (cell.lastIndex === source.length) row.cells.push("");
      if (cell.lastIndex < source.length) continue;
    }
    if (row.cells.some((each) => each !== "")) rows.push(row);
    row = { line, cells: [] };
  }
  return rows;
}

/** @param {string} cell */
function quoted(cell) {
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {string} cell as it stands in the file */
function plain(cell) {
  const bare = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
  return DEFUSED.test(bare) ? bare.slice(1) : bare;
}
