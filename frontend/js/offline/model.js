/**
 * Keeps the published version on this device, and swaps it for the next one whole or not at all.
 *
 * A new current.json → every file that a reader may ask for, checked against the SHA-256 in its card, into a set of its
 * own → a reader opened on that set, which compares itself with the golden pictures → the pointer. What fails before
 * the last step leaves the version in use as it was.
 */
import { isOfUse } from "../classifiers/kinds.js";
import { base64 } from "../version.js";
import { keptFile, MODELS, NEXT, point, pointerOf, setFor, tidy } from "./sets.js";

/** What browsers read of a version; its .keras and .tflite are for others. */
const READ = /^(model\.json|.+\.bin|golden\/.+)$/;

/**
 * @typedef {{path: string, card_sha256: string}} Part
 * @typedef {object} Outcome
 * @property {"kept" | "ready" | "waits" | "refused" | "full" | "unreachable"} state `kept`: what is published is what is
 *   in use; `ready`: the next start reads with it; `waits`: it did not arrive whole; `refused`: it does not compute right
 *   on this device; `full`: there is no room for it; `unreachable`: nobody knows what is published
 * @property {string} model name and version in use, empty when none is kept
 * @property {string} next name and version published, empty when not known
 */

/**
 * @param {string} [proven] name and version of the reader that this page has opened, if it has
 * @returns {Promise<Outcome>}
 */
export function refresh(proven) {
  return navigator.locks.request("model-set", () => refreshAlone(proven)); // one page at a time
}

/** @param {string} [proven] @returns {Promise<Outcome>} */
async function refreshAlone(proven) {
  const before = await pointerOf(MODELS);
  const model = before ? titleOf(before.text) : "";
  const text = await published();
  if (text === null) return { state: "unreachable", model, next: "" };
  const set = await setFor(text);
  await tidy(set);
  if (text === before?.text) {
    await gatherClassifiers(text, set);
    return { state: "kept", model, next: model };
  }
  const next = titleOf(text);
  try {
    await gather(text, set);
    // Without a version in use this page has loaded what is published, and found it right.
    if (before || proven !== next) await prove({ set, text });
    await point(MODELS, { set, text });
    await gatherClassifiers(text, set);
    return before ? { state: "ready", model, next } : { state: "kept", model: next, next };
  } catch (error) {
    console.info(error); // the state says what it means; this says what happened
    if (isFull(error)) await caches.delete(set);
    return { state: isFull(error) ? "full" : error instanceof Refusal ? "refused" : "waits", model, next };
  }
}

/** The set's own reader says no. */
class Refusal extends Error {}

/** @returns {Promise<string | null>} the server's current.json, null when it does not give one */
async function published() {
  if (!navigator.onLine) return null;
  try {
    const response = await fetch(`${MODELS}current.json`, { cache: "no-store" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

/** @param {string} text of a current.json @returns {string} name and version, as far as it names them */
function titleOf(text) {
  try {
    const { name, version } = JSON.parse(text);
    return `${name} ${version}`;
  } catch {
    return "?";
  }
}

/**
 * All that reading takes into the set; what is there already was checked when it came.
 *
 * @param {string} text of a current.json
 * @param {string} set
 */
async function gather(text, set) {
  const pointer = JSON.parse(text);
  const cache = await caches.open(set);
  /** @type {Part[]} */
  const parts = pointer.finder ? [pointer, pointer.finder] : [pointer];
  for (const part of parts) await takePart(cache, part, () => true);
}

/**
 * What the other pages use, as far as it comes and there is room: readings do not depend on it. Each proves itself when
 * it is opened; what is missing is tried again the next time.
 *
 * @param {string} text of a current.json
 * @param {string} set
 */
async function gatherClassifiers(text, set) {
  const cache = await caches.open(set);
  /** @type {Part[]} */
  const classifiers = Object.values(JSON.parse(text).classifiers ?? {});
  for (const part of classifiers) await takePart(cache, part, isOfUse).catch(console.info);
}

/** @returns {Promise<boolean>} whether all classifiers of the version in use are there */
export async function areNetworksKept() {
  const pointer = await pointerOf(MODELS);
  if (!pointer) return false;
  const find = (/** @type {string} */ path) => keptFile(addressOf(path), pointer.set);
  /** @type {Part[]} */
  const classifiers = Object.values(JSON.parse(pointer.text).classifiers ?? {});
  for (const { path } of classifiers) {
    const card = await (await find(`${path}card.json`))?.json();
    if (!card) return false;
    const files = await Promise.all(filesOf(card, isOfUse).map((name) => find(path + name)));
    if (!files.every(Boolean)) return false;
  }
  return true;
}

/** @param {string} path below the folder of models */
function addressOf(path) {
  return new URL(MODELS + path, location.origin).pathname;
}

/** @param {any} card @param {(card: object) => boolean} isWanted @returns {string[]} the files that come beside it */
function filesOf(card, isWanted) {
  return isWanted(card) ? Object.keys(card.files).filter((name) => READ.test(name)) : [];
}

/** @param {Cache} cache @param {Part} part @param {(card: object) => boolean} isWanted whether more than its card is */
async function takePart(cache, { path, card_sha256 }, isWanted) {
  const card = await (await take(cache, `${path}card.json`, card_sha256)).json();
  for (const name of filesOf(card, isWanted)) await take(cache, path + name, card.files[name].sha256);
}

/**
 * @param {Cache} cache
 * @param {string} path below the folder of models
 * @param {string} sha256 in hexadecimal
 * @returns {Promise<Response>} the file, which is what the hash says
 */
async function take(cache, path, sha256) {
  const address = addressOf(path);
  const kept = await cache.match(address, { ignoreVary: true });
  if (kept) return kept;
  const integrity = `sha256-${base64(sha256)}`;
  // A damaged copy in the browser's own cache must not stay the last word.
  const response = await fetch(address, { integrity, cache: "no-cache" }).catch(() =>
    fetch(address, { integrity, cache: "no-store" }),
  );
  if (!response.ok) throw new Error(`${address} should be there, and gives HTTP ${response.status}.`);
  await cache.put(address, response.clone());
  return response;
}

/** Opens a reader on the set, as the next start will. @param {import("./sets.js").Pointer} pointer */
async function prove(pointer) {
  const { createReader } = await import("../reader.js");
  await point(NEXT, pointer);
  try {
    const reader = await createReader({ model: NEXT, backends: ["wasm"] });
    await proveFinder(reader).finally(() => reader.close());
  } catch (cause) {
    const { code } = /** @type {{code?: string}} */ (cause);
    if (code !== "backend" && code !== "broken") throw cause;
    throw new Refusal("The new version should read its golden pictures on this device, and does not.", { cause });
  }
}

/** A finder is loaded and compared with its own golden pictures when it is first asked. @param {import("../reader.js").Reader} reader */
async function proveFinder(reader) {
  if (!reader.canFind) return; // none is published
  await reader.find(reader.examples[0].picture);
  if (!reader.canFind)
    throw new Refusal("The new finder should find its golden outlines on this device, and does not.");
}

/** @param {unknown} error */
function isFull(error) {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}
