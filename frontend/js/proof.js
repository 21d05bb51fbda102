/**
 * What a version has shown on this device: that WASM reproduces all its golden outputs.
 *
 * WebAssembly's standard fixes what every operation gives, and a version's files are checked by their hashes at each
 * start, so what was right once is right again in the same browser. There a start shows one golden picture instead of
 * all, the next one each time, and what fails to be right is forgotten. WebGL and WebGPU, whose drivers change, show all
 * of them every time.
 */

/** @typedef {import("./golden.js").Verdict} Verdict */
/** @typedef {{browser: string, starts: number, worst: number, milliseconds: number}} Shown of a version, when all its
 *   golden pictures were right; `starts`: how often it was shown since */

const STORED = "meter-reader-proofs";
const REMEMBERED = 8; // versions

/**
 * Shows an engine's worker a version, or of it what is not known yet.
 *
 * @template {{id: string, golden: unknown[]}} Version
 * @param {string} backend
 * @param {Version} version
 * @param {(version: Version) => Promise<Verdict>} show
 * @returns {Promise<Verdict>}
 */
export async function prove(backend, version, show) {
  const before = backend === "wasm" ? shownBefore(version.id) : null;
  const next = before && version.golden.length ? version.golden[before.starts % version.golden.length] : null;
  const verdict = await show(next ? { ...version, golden: [next] } : version);
  const { trusted, worst = 0, milliseconds = 0 } = verdict;
  const shown = before
    ? { ...before, starts: before.starts + 1, worst: Math.max(worst, before.worst) }
    : { browser: navigator.userAgent, starts: 0, worst, milliseconds };
  if (backend === "wasm") remember(version.id, trusted ? shown : null);
  return trusted && before ? { trusted, worst: shown.worst, milliseconds: shown.milliseconds } : verdict;
}

/** @param {string} id of a version @returns {Shown | null} null when it has not been right in this browser */
function shownBefore(id) {
  const shown = all()[id];
  const numbers = [shown?.starts, shown?.worst, shown?.milliseconds];
  return shown?.browser === navigator.userAgent && numbers.every((number) => Number.isFinite(number)) ? shown : null;
}

/** @param {string} id @param {Shown | null} shown null to forget */
function remember(id, shown) {
  const { [id]: _, ...others } = all();
  const entries = Object.entries(others).slice(1 - REMEMBERED);
  const kept = Object.fromEntries(shown ? [...entries, [id, shown]] : entries);
  try {
    localStorage.setItem(STORED, JSON.stringify(kept));
  } catch {
    // Nothing is remembered then: the next start sees all of it again.
  }
}

/** @returns {Record<string, Shown>} by the version's id, the oldest first */
function all() {
  try {
    const found = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return typeof found === "object" && found ? found : {};
  } catch {
    return {};
  }
}
