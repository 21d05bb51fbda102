/**
 * The head inside a graph model: which node gives the columns' features, and the parameters of what follows.
 *
 * Nodes are known by how they hang together, not by their names, which differ from one export to the next. A model that
 * is built otherwise has no such head: then nothing is learned.
 */
import { Head } from "./head.js";

/** @typedef {import("../../vendor/tf.js").GraphModel} GraphModel */
/** @typedef {{name: string, op: string, input?: string[], attr?: Record<string, any>}} Node */
/** @typedef {{head: Head, shipped: Float32Array, wide: string}} Opened `wide`: the node of the columns' features */

const DENSE = ["_FusedConv2D", "_FusedMatMul"];

/**
 * @param {GraphModel} model
 * @param {any} topology of its artifacts
 * @returns {Promise<Opened | null>} null where the model is built otherwise
 */
export async function openHead(model, topology) {
  const layers = findLayers(topology?.node ?? []);
  if (!layers) return null;
  const { wide, nodes } = layers;
  const tensors = nodes.map((node) => node.input?.slice(1, 3).map((name) => model.weights[name]?.[0]) ?? []);
  if (tensors.some((pair) => pair.length < 2 || pair.some((tensor) => !tensor))) return null;
  const sizes = tensors.map(([kernel]) => kernel.shape.slice(-2));
  const head = new Head({ channels: sizes[0][0], hidden: sizes[1][1], pair: sizes[3][1], first: sizes[5][1] });
  const parts = await Promise.all(tensors.flat().map((tensor) => tensor.data()));
  const shipped = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  if (shipped.length !== head.length) return null;
  let at = 0;
  for (const part of parts) {
    shipped.set(part, at);
    at += part.length;
  }
  return { head, shipped, wide };
}

/** @param {Node[]} nodes @returns {{wide: string, nodes: Node[]} | null} the dense nodes in the head's order */
function findLayers(nodes) {
  const named = new Map(nodes.map((node) => [node.name, node]));
  const gathered = nodes.find(({ op }) => op.startsWith("BatchMatMul"));
  const wide = gathered && sourceOf(named, gathered.input?.[1]);
  if (!gathered || !wide) return null;
  const all = nodes.filter(({ op }) => DENSE.includes(op));
  /** @param {Node | undefined} node */
  const after = (node) => all.filter((each) => node && beginOf(named, each.input?.[0], node.name) === node.name);
  const weigh = all.filter((each) => each.input?.[0] === wide);
  const [dense, ...others] = after(gathered);
  const pair = after(dense).find((each) => named.get(beginning(named, each))?.op === "ConcatV2");
  const single = after(dense).filter((each) => each !== pair);
  const first = single.find((each) => after(each).length);
  const digits = single.find((each) => each !== first);
  const [point] = after(pair);
  const [none] = after(first);
  const found = [weigh[0], dense, digits, pair, point, first, none];
  const whole = weigh.length === 1 && !others.length && single.length === 2 && found.every(Boolean);
  return whole ? { wide, nodes: /** @type {Node[]} */ (found) } : null;
}

/** What was padded and reshaped. @param {Map<string, Node>} named @param {string | undefined} name */
function sourceOf(named, name) {
  let node = named.get(name ?? "");
  while (node && ["Pad", "PadV2", "Reshape"].includes(node.op)) node = named.get(node.input?.[0] ?? "");
  return node?.name ?? null;
}

/** The node before a dense one, reshaping aside. @param {Map<string, Node>} named @param {Node} dense */
function beginning(named, dense) {
  return sourceOf(named, dense.input?.[0]) ?? "";
}

/** Upwards through all that only moves numbers, until `wanted`. @param {Map<string, Node>} named @param {string | undefined} name @param {string} wanted */
function beginOf(named, name, wanted) {
  let node = named.get(name ?? "");
  while (node && node.name !== wanted && ["Reshape", "StridedSlice", "ConcatV2"].includes(node.op)) {
    node = named.get(node.input?.[0] ?? "");
  }
  return node?.name ?? "";
}
