/**
 * The four that read the same displays, each as its documentation says, each off the page's own thread:
 * `open()` gives `read(picture, box)`, which takes a file and the display's box in it and gives what is read.
 */

/** @typedef {{x: number, y: number, width: number, height: number} | null} Box */

const CONTENDERS = {
  reader: () => ours("/static/model/"),
  baseline: () => ours("/beside/"),
  onnxruntime,
  tesseract,
};

/** @param {keyof typeof CONTENDERS} name */
export const open = (name) => CONTENDERS[name]();

/** @param {string} model */
async function ours(model) {
  const { createReader } = await import("/js/reader.js");
  const reader = await createReader({ model, backends: ["wasm"] });
  return async (/** @type {Blob} */ picture, /** @type {Box} */ box) => (await reader.read(picture, { box })).text;
}

/** The reader's own decoding, preprocessing and codec around onnxruntime-web, in a worker as the reader's. */
async function onnxruntime() {
  const worker = new Worker("/bench/onnx_worker.js", { type: "module" });
  const ask = (/** @type {object} */ message) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.text));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(message);
    });
  await ask({ start: "/onnx/" });
  return (/** @type {Blob} */ picture, /** @type {Box} */ box) => ask({ picture, box });
}

/** LSTM engine, English, digits and the point only, one line; the rectangle is the box with the reader's margins. */
async function tesseract() {
  const { createWorker } = (await import("/npm/tesseract.js/dist/tesseract.esm.min.js")).default;
  const worker = await createWorker("eng", 1, {
    workerPath: "/npm/tesseract.js/dist/worker.min.js",
    corePath: "/npm/tesseract.js-core",
    langPath: "/npm/@tesseract.js-data/eng/4.0.0_best_int",
    workerBlobURL: false,
    cacheMethod: "none",
  });
  await worker.setParameters({ tessedit_char_whitelist: "0123456789.", tessedit_pageseg_mode: "7" });
  const { card, widen } = await margins();
  return async (/** @type {Blob} */ picture, /** @type {Box} */ box) => {
    const rectangle = box && widen(picture, box, card);
    const { data } = await worker.recognize(picture, rectangle ? { rectangle: await rectangle } : {});
    return data.text.replace(/\s/g, "");
  };
}

/** What the reader adds around a box, which it was given to cut by. */
async function margins() {
  const pointer = await (await fetch("/static/model/current.json")).json();
  const card = await (await fetch(`/static/model/${pointer.path}card.json`)).json();
  const imaging = await import("/js/imaging.js");
  const widen = async (/** @type {Blob} */ picture, /** @type {Box} */ box) => {
    const size = await createImageBitmap(picture);
    const { margin, side_margin: side } = card.input;
    const { x, y, width, height } = imaging.widen(box, margin, size, side);
    size.close();
    const [left, top] = [Math.floor(x), Math.floor(y)];
    return { left, top, width: Math.ceil(x + width) - left, height: Math.ceil(y + height) - top };
  };
  return { card, widen };
}
