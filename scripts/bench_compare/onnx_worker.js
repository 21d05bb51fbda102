/** onnxruntime-web in a worker: one thread, as the page's policy leaves the reader one. */
import * as ort from "/npm/onnxruntime-web/dist/ort.wasm.min.mjs";
import { decode as decodePicture, preprocess } from "/js/imaging.js";
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

/** @param {{picture: Blob, box: object | null}} message */
async function read({ picture, box }) {
  const decoded = await decodePicture(picture);
  const { width, height, channels } = card.input;
  const input = new ort.Tensor("float32", preprocess(decoded, box, card.input), [1, height, width, channels]);
  decoded.close();
  const outputs = await session.run({ [session.inputNames[0]]: input });
  return decode(outputs[session.outputNames[0]].data, card).text;
}
