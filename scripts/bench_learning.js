/** What `bench_learning.py` runs in a page: the page's own tuning, on features that were made beforehand. */

import { Head } from "/js/learn/head.js";
import { isBetter, study } from "/js/learn/study.js";
import { RECIPE } from "/js/learn/tune.js";
import { boxesAround } from "/js/learn/views.js";

const CLASSES = 10;

/** @param {import("/js/reader.js").Box[]} boxes @returns the looks at each, the box first */
export function looksAt(boxes) {
  return boxes.map(boxesAround);
}

/**
 * @param {object} given `sizes` of the head, `columns`, and for each picture the number of its features and its reading:
 *   `lessons` (each the views of ten pictures), `golden`, `tests`
 * @returns {Promise<object>} the reading's classes of each test before and after each lesson, and whether the page would
 *   keep what was learned
 */
export async function teach({ sizes, columns, lessons, golden, tests }) {
  const [shipped, features] = await Promise.all(["parameters", "features"].map(fetched));
  const head = new Head(sizes);
  const size = columns * sizes.channels;
  const wideOf = (number) => features.subarray(number * size, (number + 1) * size);
  const says = (parameters, number) => head.forward(parameters, wideOf(number)).output;
  const replay = golden.map((views) => views.map((each) => ({ wide: wideOf(each), target: says(shipped, each) })));
  const read = (parameters) => tests.map((each) => classesOf(says(parameters, each)));
  const taught = lessons.map((pictures) => {
    const examples = pictures.map(({ views, classes }) => {
      return views.map((each) => ({ wide: wideOf(each), target: oneHot(classes) }));
    });
    const { parameters, ...worth } = study(head, shipped, examples, replay);
    return { kept: isBetter(worth), read: read(parameters) };
  });
  return { recipe: RECIPE, before: read(shipped), taught };
}

/** How long the whole takes, from pictures to what it was worth, with the published model. */
export async function learn(examples) {
  const { createReader } = await import("/js/reader.js");
  const reader = await createReader({ model: "/static/model/", backends: ["wasm"] });
  const pictures = examples.map(({ file, box, text }) => ({ picture: blobOf(file), box, text }));
  const { worth } = await reader.learn(pictures);
  reader.close();
  return worth.milliseconds;
}

async function fetched(name) {
  return new Float32Array(await (await fetch(`/bench/${name}.f32`)).arrayBuffer());
}

function classesOf(output) {
  return Array.from({ length: output.length / CLASSES }, (_, row) => {
    const scores = output.subarray(row * CLASSES, (row + 1) * CLASSES);
    return scores.indexOf(Math.max(...scores));
  });
}

function oneHot(classes) {
  const target = new Float32Array(classes.length * CLASSES);
  classes.forEach((each, row) => (target[row * CLASSES + each] = 1));
  return target;
}

function blobOf(base64) {
  return new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
}
