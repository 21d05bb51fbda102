/**
 * The reader's worker: one backend, one model, one reading at a time. Only this and runtime.js touch TensorFlow.js.
 *
 * Messages in, each with an `id`: `{type: "prepare", backend}`, `{type: "start", version}`, `{type: "equip", version}`
 * with a finder's version, `{type: "read", source, key, box, corners}`, `{type: "find", source, key, before}`,
 * `{type: "readPhoto", source, key, before, box}`, `{type: "learn", examples}`, `{type: "cancel"}`. Those that read may
 * carry `learned`, what this device has learned about the meter, and `again: false`, to look once only.
 * Messages out: `{id, result}` or `{id, error: {code, message}}`; before it, while learning, `{id, done}` from 0 to 1.
 */
import { io, loadGraphModel, tensor } from "../vendor/tf.js";
import { ReaderError } from "./errors.js";
import { Finder } from "./finder.js";
import { measure } from "./frames.js";
import { check, checkFinder } from "./golden.js";
import { hasAdapter, hasGraphicsCard } from "./hardware.js";
import { decode as decodePicture, ImageError, preprocess } from "./imaging.js";
import { look } from "./looks.js";
import { readDisplay } from "./photo.js";
import { CLASSES, decode as decodeReading, probabilities, ROWS } from "./reading.js";
import { startRuntime } from "./runtime.js";
import { preprocessOutline } from "./straighten.js";

/** @typedef {import("./reader.js").BackendName} BackendName */
/** @typedef {import("./version.js").Version} Version */
/** @typedef {import("./learn/learner.js").Learned} Learned */
/** @typedef {import("./learn/learner.js").Example} Example */

/** @type {import("../vendor/tf.js").GraphModel} */
let model;
/** @type {import("./version.js").Card} */
let card;
/** The model's graph, as it was loaded. @type {object} */
let topology;
/** @type {Promise<import("./learn/learner.js").Learner> | null} */
let learner = null;
/** What this device has learned about the meter that is being read. @type {Learned | null} */
let learned = null;
/** Whether what a first look leaves in doubt is looked at again. */
let again = true;
/** @type {Finder | null} null: the whole picture is read */
let finder = null;
/** The picture read last, kept so that moving the crop box does not decode it again. */
let kept = { key: 0, picture: /** @type {import("./imaging.js").Picture | null} */ (null) };
/** @type {Set<number>} */
const cancelled = new Set();
let queue = Promise.resolve();
const pause = new MessageChannel();

self.onmessage = ({ data }) => {
  if (data.type === "cancel") cancelled.add(data.id);
  else queue = queue.then(listen).then(() => answer(data));
};

/** Hears what came meanwhile, so that nothing is begun that nobody waits for any more. @returns {Promise<void>} */
function listen() {
  return new Promise((resolve) => {
    pause.port1.onmessage = () => resolve();
    pause.port2.postMessage(null);
  });
}

/** @param {any} message */
async function answer(message) {
  const { id, type } = message;
  if (cancelled.delete(id)) return void (message.source instanceof ImageBitmap && message.source.close());
  learned = message.learned ?? null;
  again = message.again ?? true;
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

const WORK = { prepare, start, equip, read, find, readPhoto, learn };

/**
 * Loads and starts a backend, while the model is still on its way.
 *
 * @param {{backend: BackendName}} message
 * @returns {Promise<boolean>} whether this device has it
 */
async function prepare({ backend }) {
  if (backend === "webgl" && !hasGraphicsCard()) return false;
  if (backend === "webgpu" && !(await hasAdapter())) return false;
  return startRuntime(backend);
}

/**
 * Loads the model and says whether the backend can be trusted: only when it reproduces the golden pictures' outputs.
 *
 * @param {{version: Version}} message
 * @returns {Promise<import("./golden.js").Verdict>}
 */
async function start({ version }) {
  card = version.card;
  topology = version.artifacts.modelTopology;
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

/**
 * Loads the finder, which is used only when it finds what it should in its golden pictures.
 *
 * @param {{version: import("./version.js").FinderVersion}} message
 * @returns {Promise<import("./golden.js").Verdict>}
 */
async function equip({ version }) {
  try {
    const graph = await loadGraphModel(io.fromMemory(version.artifacts));
    const loaded = new Finder(version.card, (input, size) => run(graph, input, size));
    const verdict = await checkFinder(version, loaded.predict);
    finder = verdict.trusted ? loaded : null;
    return verdict;
  } catch (error) {
    return { trusted: false, why: "failed", message: describe(error).message };
  }
}

/**
 * @typedef {{source: Blob | ImageBitmap, key: number}} Sent
 * @typedef {import("./quad.js").Corners} Corners
 * @typedef {import("./imaging.js").Picture} Picture
 */

/** @param {Sent & {box: import("./reader.js").Box | null, corners: Corners | null}} message */
function read({ source, key, box, corners }) {
  return withPicture(source, key, async (picture, times) => {
    if (!corners) return readInput(() => preprocess(picture, box, card.input), times);
    return { ...(await readInput(() => preprocessOutline(picture, corners, card.input), times)), corners };
  });
}

/** @param {Sent & {before: Corners | null}} message */
function find({ source, key, before }) {
  return withPicture(source, key, async (picture) => (await finder?.see(picture, before)) ?? null);
}

/** @param {Sent & {before: Corners | null, box: import("./reader.js").Box | null}} message */
function readPhoto({ source, key, before, box }) {
  return withPicture(source, key, (picture, times) => {
    times.find = 0;
    return readDisplay(
      picture,
      { finder, before, box, again },
      {
        inBox: () => readSeen(() => preprocess(picture, box, card.input), times),
        inOutline: (corners) => readSeen(() => preprocessOutline(picture, corners, card.input), times),
        async find(look) {
          const began = performance.now();
          const found = await look();
          times.find += performance.now() - began;
          return found;
        },
      },
    );
  });
}

/**
 * @template Result
 * @param {Blob | ImageBitmap} source
 * @param {number} key
 * @param {(picture: Picture, times: Record<string, number>) => Promise<Result>} use
 */
async function withPicture(source, key, use) {
  const began = performance.now();
  try {
    const picture = await open(source, key);
    /** @type {Record<string, number>} */
    const stages = { decode: performance.now() - began, preprocess: 0, network: 0 };
    const result = await use(picture, stages);
    return result && { ...result, milliseconds: performance.now() - began, stages };
  } finally {
    if (source instanceof ImageBitmap) source.close();
  }
}

/** @param {() => Float32Array} prepare @param {Record<string, number>} times to which its own are added */
async function readSeen(prepare, times) {
  /** @type {Float32Array} */
  let input = new Float32Array();
  const reading = await readInput(() => (input = prepare()), times);
  return { ...reading, quality: measure(input, card.input.width, card.input.height) };
}

/** @param {() => Float32Array} prepare @param {Record<string, number>} times to which its own are added */
async function readInput(prepare, times) {
  const began = performance.now();
  const input = prepare();
  const prepared = performance.now();
  const output = await (learned ? (await openLearner()).read(input, learned) : lookAt(input));
  times.preprocess += prepared - began;
  times.network += performance.now() - prepared;
  const softer = learned?.temperature ?? 1;
  const unreadable_temperature = (card.unreadable_temperature ?? card.temperature) * softer;
  const decision = { ...card, temperature: card.temperature * softer, unreadable_temperature };
  return { ...decodeReading(output, decision), rows: probabilities(output, decision), learned: Boolean(learned) };
}

/** @param {Float32Array} input */
function lookAt(input) {
  return look(predict, input, card.input, again ? (card.look_again ?? 0) : 0);
}

/** @param {{id: number, examples: Example[], golden: Example[]}} message */
async function learn({ id, examples, golden }) {
  return (await openLearner()).learn(examples, golden, (done) => self.postMessage({ id, done }));
}

/** Fetched when first needed. @returns {Promise<import("./learn/learner.js").Learner>} */
async function openLearner() {
  const { openLearner } = await import("./learn/learner.js");
  /** @type {import("./learn/learner.js").Means["run"]} */
  const runTo = async (input, node) => (await run(model, input, card.input, node))[0];
  return (learner ??= openLearner({ model, topology, input: card.input, run: runTo, predict, finder: () => finder }));
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
  const [output] = await run(model, input, card.input);
  if (output.length === ROWS * CLASSES) return output;
  throw new ReaderError("broken", `The model should give ${ROWS * CLASSES} numbers, and gives ${output.length}.`);
}

/**
 * @param {import("../vendor/tf.js").GraphModel} graph
 * @param {Float32Array} input
 * @param {{height: number, width: number, channels: number}} size
 * @param {string} [node] as far as which it is run, instead of its outputs
 * @returns {Promise<Float32Array[]>} each output's numbers
 */
async function run(graph, input, { height, width, channels }, node) {
  const picture = tensor(input, [1, height, width, channels], "float32");
  const outputs = [graph.execute(picture, node)].flat();
  try {
    return await Promise.all(outputs.map((output) => output.data()));
  } finally {
    for (const used of [picture, ...outputs]) used.dispose();
  }
}
