/**
 * The reader's worker: one backend, one model, one reading at a time. The only module that touches TensorFlow.js.
 *
 * Messages in, each with an `id`: `{type: "prepare", backend}`, `{type: "start", version}`,
 * `{type: "read", source, key, box}`, `{type: "cancel"}`.
 * Messages out: `{id, result}` or `{id, error: {code, message}}`.
 */
import { io, loadGraphModel, startBackend, tensor } from "../vendor/tf.js";
import { ReaderError } from "./errors.js";
import { check } from "./golden.js";
import { decode as decodePicture, ImageError, preprocess } from "./imaging.js";
import { CLASSES, decode as decodeReading, probabilities, ROWS } from "./reading.js";

/** @typedef {import("./reader.js").BackendName} BackendName */
/** @typedef {import("./version.js").Version} Version */

/** @type {import("../vendor/tf.js").GraphModel} */
let model;
/** @type {import("./version.js").Card} */
let card;
/** The picture read last, kept so that moving the crop box does not decode it again. */
let kept = { key: 0, picture: /** @type {import("./imaging.js").Picture | null} */ (null) };
/** @type {Set<number>} */
const cancelled = new Set();
let queue = Promise.resolve();

self.onmessage = ({ data }) => {
  if (data.type === "cancel") cancelled.add(data.id);
  else queue = queue.then(() => answer(data));
};

/** @param {any} message */
async function answer(message) {
  const { id, type } = message;
  if (cancelled.delete(id)) return void (message.source instanceof ImageBitmap && message.source.close());
  try {
    const result = await WORK[/** @type {keyof typeof WORK} */ (type)](message);
    self.postMessage({ id, result });
  } catch (error) {
    self.postMessage({ id, error: describe(error) });
  }
}

/** @param {unknown} error */
function describe(error) {
  const code = error instanceof ReaderError || error instanceof ImageError ? error.code : "failed";
  return { code, message: error instanceof Error ? error.message : String(error) };
}

const WORK = { prepare, start, read };

/**
 * Loads and starts a backend, while the model is still on its way.
 *
 * @param {{backend: BackendName}} message
 * @returns {Promise<boolean>} whether this device has it
 */
async function prepare({ backend }) {
  if (backend === "webgl" && !hasGraphicsCard()) return false;
  if (backend === "webgpu" && !(await hasAdapter())) return false;
  try {
    return await startBackend(backend);
  } catch (cause) {
    throw new ReaderError("download", `The ${backend} runtime could not be loaded.`, { cause });
  }
}

/**
 * Loads the model and says whether the backend can be trusted: only when it reproduces the golden pictures' outputs.
 *
 * @param {{version: Version}} message
 * @returns {Promise<import("./golden.js").Verdict>}
 */
async function start({ version }) {
  card = version.card;
  try {
    model = await loadGraphModel(io.fromMemory(version.artifacts));
  } catch (cause) {
    throw new ReaderError("broken", `The model's graph could not be loaded: ${describe(cause).message}`, { cause });
  }
  try {
    return await check(version, predict);
  } catch (error) {
    return { trusted: false, why: "failed", message: describe(error).message };
  }
}

/** WebGL drawn in software is slower than WASM, and slow to find that out. */
function hasGraphicsCard() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = gl && String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(renderer) && !/swiftshader|llvmpipe|software|basic render/i.test(renderer ?? "");
}

/** WebGPU in software has been seen to close the browser. */
async function hasAdapter() {
  const gpu = /** @type {any} */ (navigator).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}

/**
 * @param {{source: Blob | ImageBitmap, key: number, box: import("./reader.js").Box | null}} message
 */
async function read({ source, key, box }) {
  const began = performance.now();
  try {
    const picture = await open(source, key);
    const decoded = performance.now();
    const input = preprocess(picture, box, card.input);
    const prepared = performance.now();
    const output = await predict(input);
    const predicted = performance.now();
    const reading = decodeReading(output, card);
    const stages = { decode: decoded - began, preprocess: prepared - decoded, network: predicted - prepared };
    return { ...reading, rows: probabilities(output, card), milliseconds: performance.now() - began, stages };
  } finally {
    if (source instanceof ImageBitmap) source.close();
  }
}

/** @param {Blob | ImageBitmap} source @param {number} key 0 for what is read once */
async function open(source, key) {
  if (key && key === kept.key && kept.picture) return kept.picture;
  kept.picture?.close();
  kept = { key: 0, picture: null };
  const picture = await decodePicture(source);
  if (key) kept = { key, picture };
  return picture;
}

/**
 * @param {Float32Array} input height × width × 3 numbers in 0..1
 * @returns {Promise<Float32Array>} 110 row probabilities
 */
async function predict(input) {
  const { height, width, channels } = card.input;
  const picture = tensor(input, [1, height, width, channels], "float32");
  const outputs = [model.execute(picture)].flat();
  try {
    const output = await outputs[0].data();
    if (output.length === ROWS * CLASSES) return output;
    throw new ReaderError("broken", `The model should give ${ROWS * CLASSES} numbers, and gives ${output.length}.`);
  } finally {
    for (const used of [picture, ...outputs]) used.dispose();
  }
}
