/** onnxruntime-web in a worker: one thread, as the page's policy leaves the reader one. */
import * as ort from "/npm/onnxruntime-web/dist/ort.wasm.min.mjs";
import { decode as decodePicture, preprocess } from "/js/imaging.js";
import { look } from "/js/looks.js";
import { decode } from "/js/reading.js";

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/npm/onnxruntime-web/dist/";

let card, session;

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ text: data.start ? await start(data.start) : await read(data) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};

/** @param {string} folder with the graph and the version's card */
async function start(folder) {
  card = await (await fetch(`${folder}card.json`)).json();
  session = await ort.InferenceSession.create(`${folder}model.onnx`, { executionProviders: ["wasm"] });
  return "";
}

/** It looks as often as the reader does. @param {{picture: Blob, box: object | null}} message */
async function read({ picture, box }) {
  const decoded = await decodePicture(picture);
  const input = preprocess(decoded, box, card.input);
  decoded.close();
  return decode(await look(predict, input, card.input, card.look_again ?? 0), card).text;
}

/** @param {Float32Array} input @returns {Promise<Float32Array>} 110 row probabilities */
async function predict(input) {
  const { width, height, channels } = card.input;
  const picture = new ort.Tensor("float32", input, [1, height, width, channels]);
  const outputs = await session.run({ [session.inputNames[0]]: picture });
  return outputs[session.outputNames[0]].data;
}
