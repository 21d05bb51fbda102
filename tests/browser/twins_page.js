/**
 * Lets a test call the functions of twins_worker.js: `await ask("crops", …)`. They run in a module worker, as on the page.
 */
const worker = new Worker("/twins/worker.js", { type: "module" });
const waiting = new Map();
let count = 0;

worker.onmessage = ({ data: { id, result, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error === undefined) resolve(result);
  else reject(new Error(error));
};
worker.onerror = (event) => {
  for (const { reject } of waiting.values()) reject(new Error(event.message ?? "the worker did not load"));
};

globalThis.ask = (name, ...values) =>
  new Promise((resolve, reject) => {
    waiting.set(++count, { resolve, reject });
    worker.postMessage({ id: count, name, values });
  });
