/** What the tests of learning do inside a page: the head beside numeric slopes and beside the model it is taken from. */

import { Head } from "/js/learn/head.js";
import { openHead } from "/js/learn/graph.js";
import { isBetter, study } from "/js/learn/study.js";
import { generator } from "/js/learn/tune.js";
import { preprocess, decode } from "/js/imaging.js";
import { fetchVersion } from "/js/version.js";
import { io, loadGraphModel, startBackend, tensor } from "/vendor/tf.js";

const SMALL = { channels: 6, hidden: 9, pair: 5, first: 4 };
const COLUMNS = 12;

const around = (random, spread) => (random() * 2 - 1) * spread;
const some = (length, random, spread) => Float32Array.from({ length }, () => around(random, spread));

function targetOf(classes) {
  const target = new Float32Array(110);
  classes.forEach((each, row) => (target[10 * row + each] = 1));
  return target;
}

/** Of each layer: the largest slope, and the largest difference between the slopes and finite differences. */
export function slopes() {
  const head = new Head(SMALL);
  const random = generator(3);
  const parameters = some(head.length, random, 0.6);
  const wide = some(COLUMNS * SMALL.channels, random, 1);
  const target = targetOf(Array.from({ length: 11 }, () => Math.floor(random() * 10)));
  const loss = (at) => {
    const { output } = head.forward(at, wide);
    return -output.reduce((sum, each, index) => sum + target[index] * Math.log(each), 0);
  };
  const gradient = new Float32Array(head.length);
  head.backward(parameters, head.forward(parameters, wide), target, gradient);
  return head.layers.map(({ at, inputs, outputs }) => {
    const places = Array.from({ length: Math.min(40, (inputs + 1) * outputs) }, (_, index) => at + index);
    const differences = places.map((place) => {
      const [more, less] = [1e-2, -1e-2].map((step) => {
        const moved = parameters.slice();
        moved[place] += step;
        return loss(moved);
      });
      return Math.abs((more - less) / 2e-2 - gradient[place]);
    });
    const largest = Math.max(...places.map((place) => Math.abs(gradient[place])));
    return { largest, difference: Math.max(...differences) };
  });
}

/** The largest difference between the head with the model's own parameters and the model, over its golden pictures. */
export async function besideModel() {
  await startBackend("wasm");
  const { artifacts, card, golden } = await fetchVersion(new URL("/static/model/", location.href).href, () => {});
  const model = await loadGraphModel(io.fromMemory(artifacts));
  const { head, shipped, wide } = await openHead(model, artifacts.modelTopology);
  let worst = 0;
  for (const { picture, box } of golden) {
    const { height, width, channels } = card.input;
    const input = tensor(preprocess(await decode(picture), box, card.input), [1, height, width, channels], "float32");
    const [features, wanted] = await Promise.all([model.execute(input, wide).data(), model.execute(input).data()]);
    const { output } = head.forward(shipped, features);
    worst = Math.max(worst, ...output.map((each, at) => Math.abs(each - wanted[at])));
  }
  const others = { node: artifacts.modelTopology.node.filter(({ op }) => !op.startsWith("BatchMatMul")) };
  return { worst, parameters: head.length, unknown: await openHead(model, others) };
}

/** Ten pictures of much the same, of which the last drum is another; `known`: as the head reads them already. */
export function learns(known) {
  const sizes = { channels: 8, hidden: 32, pair: 8, first: 4 };
  const head = new Head(sizes);
  const random = generator(6);
  const shipped = some(head.length, random, 0.3);
  const wide = () => some(COLUMNS * sizes.channels, random, 1);
  const says = (features) => head.forward(shipped, features).output;
  const own = [wide(), wide()].map((features) => [{ wide: features, target: says(features) }]);
  const base = wide();
  const classes = Array.from({ length: 11 }, (_, row) => says(base).subarray(10 * row, 10 * row + 10));
  const read = classes.map((row) => row.indexOf(Math.max(...row)));
  const target = targetOf(known ? read : [...read.slice(0, 10), (read[10] + 1) % 10]); // the last drum alone
  const examples = Array.from({ length: 10 }, () => {
    return [{ wide: base.map((each) => each + around(random, 0.01)), target }];
  });
  const bold = { steps: 100, batch: 8, rate: 3e-3, pull: 1e-3 }; // the head is smaller than the real one
  const { parameters, ...found } = study(head, shipped, examples, own, () => {}, bold);
  return { ...found, changed: parameters.some((each, at) => each !== shipped[at]), better: isBetter(found) };
}
