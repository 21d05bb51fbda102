/**
 * A published version: current.json → card.json → the files that the card lists, each checked against its SHA-256.
 *
 * TensorFlow.js checks no integrity (one flipped weight bit loads silently), so the browser does, by
 * `fetch(…, {integrity})`; it works without HTTPS too, where `crypto.subtle` does not.
 */
import { ReaderError } from "./errors.js";

/**
 * @typedef {{image: string, box: import("./reader.js").Box | null, text: string, output: number[][]}} Golden
 *   a picture of the version, its reading and its 11×10 output in Keras
 * @typedef {object} Acceptance how the threshold came about, on `n` pictures
 * @property {number} [n]
 * @property {{right: number, n: number}} [error] of the readings accepted there: how many are wrong, and of how many
 * @property {number} [bound] at most this share is wrong, but for a chance of `delta`
 * @property {number} [delta]
 * @property {number} [target] share that was to be promised
 * @property {number} [needed] accepted readings that such a promise takes, with so many wrong as there were
 * @property {object | null} [guaranteed] null where no promise is made
 * @typedef {object} Card what card.json says, as far as the reader needs it
 * @property {string} name
 * @property {string} version
 * @property {string} created
 * @property {{width: number, height: number, channels: number, margin: number, side_margin?: number}} input
 * @property {number} temperature
 * @property {number} threshold
 * @property {number} unreadable
 * @property {number} [unreadable_temperature]
 * @property {number} [look_again] below this confidence of a first look there are more; 0 or none: never
 * @property {Acceptance} [acceptance]
 * @property {Record<string, {sha256: string, bytes: number}>} files
 * @typedef {{modelTopology: object, weightSpecs: object[], weightData: ArrayBuffer, signature?: object}} Artifacts
 * @typedef {object} Version everything a worker needs, verified
 * @property {string} id the card's SHA-256, which stands for all its files
 * @property {Card} card
 * @property {Artifacts} artifacts
 * @property {(Golden & {picture: Blob})[]} golden
 * @property {Pointer | null} finder where the version is that finds displays in photos; null where none is published
 * @typedef {{folder: string, card_sha256: string}} Pointer to a version, by its folder's address
 * @typedef {object} FinderCard what a finder's card.json says, as far as the reader needs it
 * @property {string} name
 * @property {string} version
 * @property {number} [presence] from here on a display counts as found, 0 to 1
 * @property {Record<string, {sha256: string, bytes: number}>} files
 * @typedef {{image: string, corners: import("./quad.js").Corners, presence: number}} GoldenOutline a picture of a
 *   finder's version, and what it finds there in Keras, in two looks
 * @typedef {object} FinderVersion
 * @property {string} id as a Version's
 * @property {FinderCard} card
 * @property {Artifacts} artifacts
 * @property {(GoldenOutline & {picture: Blob})[]} golden
 */

/** Golden pictures that a backend must reproduce before it is trusted; more would cost every visitor their bytes. */
const GOLDEN_PICTURES = 4;
/** current.json changes with each publication, so the cache is asked to check it. @type {RequestInit} */
const FRESH = { cache: "no-cache" };

/**
 * @param {string} root address of the folder that holds current.json
 * @param {(loaded: number, total: number) => void} onBytes called after each file
 * @returns {Promise<Version>}
 * @throws {ReaderError} `download` or `broken`
 */
export async function fetchVersion(root, onBytes) {
  const content = await fetchCurrent(root);
  const version = await fetchParts(checkPointer(content, root), onBytes);
  return { ...version, finder: content.finder ? checkPointer(content.finder, root) : null };
}

/**
 * @param {Pointer} pointer as a version names its finder
 * @returns {Promise<FinderVersion>}
 * @throws {ReaderError} `download` or `broken`
 */
export async function fetchFinder(pointer) {
  return fetchParts(pointer, () => {});
}

/**
 * @param {string} root address of the folder that holds current.json
 * @returns {Promise<any>} what it says
 * @throws {ReaderError} `download` or `broken`
 */
export async function fetchCurrent(root) {
  return parse(await (await get(new URL("current.json", root), FRESH)).arrayBuffer(), "current.json");
}

/** @param {Pointer} pointer @returns {Promise<any>} the version's card @throws {ReaderError} `download` or `broken` */
export async function fetchCard({ folder, card_sha256 }) {
  return parse(await fetchChecked(new URL("card.json", folder), card_sha256), "card.json");
}

/** @param {Pointer} pointer @param {(loaded: number, total: number) => void} onBytes */
async function fetchParts(pointer, onBytes) {
  return fetchFiles(pointer, await fetchCard(pointer), onBytes);
}

/**
 * The files that a card lists, as far as a worker needs them.
 *
 * @param {Pointer} pointer
 * @param {any} card
 * @param {(loaded: number, total: number) => void} onBytes
 * @returns {Promise<{id: string, card: any, artifacts: Artifacts, golden: any[]}>}
 * @throws {ReaderError} `download` or `broken`
 */
export async function fetchFiles(pointer, card, onBytes) {
  const folder = new URL(pointer.folder);
  const names = Object.keys(card.files);
  const weights = names.filter((name) => name.endsWith(".bin"));
  const pictures = names.filter((name) => /^golden\/.+\.png$/.test(name)).sort();
  const needed = ["model.json", "golden/golden.json", ...weights, ...pictures.slice(0, GOLDEN_PICTURES)];
  const total = needed.reduce((sum, name) => sum + listed(card, name).bytes, 0);
  let loaded = 0;
  onBytes(loaded, total);
  /** @param {string} name */
  const get = async (name) => {
    const { sha256, bytes } = listed(card, name);
    const data = await fetchChecked(new URL(name, folder), sha256);
    onBytes((loaded += bytes), total);
    return data;
  };
  const files = new Map(await Promise.all(needed.map(async (name) => /** @type {const} */ ([name, await get(name)]))));
  const artifacts = assemble(parse(files.get("model.json"), "model.json"), files);
  /** @type {{image: string}[]} */
  const entries = parse(files.get("golden/golden.json"), "golden.json");
  const golden = entries.flatMap((entry) => {
    const picture = files.get(`golden/${entry.image}`);
    return picture ? [{ ...entry, picture: new Blob([picture], { type: "image/png" }) }] : [];
  });
  return { id: pointer.card_sha256, card, artifacts, golden };
}

/** @param {{files: Card["files"]}} card @param {string} name */
function listed(card, name) {
  const entry = card.files[name];
  if (!entry) throw new ReaderError("broken", `card.json should list ${name}, and does not.`);
  return entry;
}

/** @param {any} content of current.json, or a part of it @param {string} root @returns {Pointer} @throws {ReaderError} `broken` */
export function checkPointer(content, root) {
  if (typeof content?.path !== "string" || !/^[0-9a-f]{64}$/.test(content?.card_sha256)) {
    throw new ReaderError("broken", "current.json should name a path and the card's SHA-256, and does not.");
  }
  return { folder: new URL(content.path, root).href, card_sha256: content.card_sha256 };
}

/**
 * @param {URL} url
 * @param {string} sha256 in hexadecimal
 * @returns {Promise<ArrayBuffer>} the file, which is what the hash says
 */
async function fetchChecked(url, sha256) {
  const integrity = `sha256-${base64(sha256)}`;
  try {
    // Version files are cached for good: a damaged copy in the cache must not stay the last word.
    const response = await get(url, { integrity }).catch(() => get(url, { integrity, cache: "reload" }));
    return await response.arrayBuffer();
  } catch (error) {
    // A wrong hash and a lost connection look alike from inside; whether the server answers tells them apart.
    if (!(await answers(url))) throw error;
    const why = `${url.pathname} arrived, but it is not the file that the version's card lists.`;
    throw new ReaderError("broken", why, { cause: error });
  }
}

/** @param {URL} url @param {RequestInit} options */
async function get(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw new ReaderError("download", `${url.pathname} could not be downloaded.`, { cause: error });
  }
  if (!response.ok)
    throw new ReaderError("download", `${url.pathname} could not be downloaded: HTTP ${response.status}.`);
  return response;
}

/** @param {URL} url */
async function answers(url) {
  try {
    return (await fetch(url, { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/**
 * Puts the weights' shards together in the order of the manifest.
 *
 * @param {any} model model.json
 * @param {Map<string, ArrayBuffer>} files
 */
function assemble(model, files) {
  /** @type {{paths: string[], weights: object[]}[]} */
  const groups = model.weightsManifest ?? [];
  const shards = groups.flatMap((group) => group.paths).map((path) => files.get(path));
  const missing = shards.findIndex((shard) => !shard);
  if (!model.modelTopology || !groups.length || missing >= 0) {
    throw new ReaderError("broken", "model.json should hold a graph and name weight files that the card lists.");
  }
  const weightData = new Uint8Array(shards.reduce((sum, shard) => sum + (shard?.byteLength ?? 0), 0));
  let at = 0;
  for (const shard of /** @type {ArrayBuffer[]} */ (shards)) {
    weightData.set(new Uint8Array(shard), at);
    at += shard.byteLength;
  }
  const weightSpecs = groups.flatMap((group) => group.weights);
  return { modelTopology: model.modelTopology, weightSpecs, weightData: weightData.buffer, signature: model.signature };
}

/** @param {ArrayBuffer | undefined} data @param {string} name @returns {any} */
function parse(data, name) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch (error) {
    throw new ReaderError("broken", `${name} should be JSON, and is not.`, { cause: error });
  }
}

/** @param {string} hex bytes in hexadecimal @returns {string} the same in base64, as `integrity` wants them */
export function base64(hex) {
  return btoa((hex.match(/../g) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join(""));
}
