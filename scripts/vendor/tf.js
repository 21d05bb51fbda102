/**
 * What the page needs of TensorFlow.js, and no more: graph models, the WASM backend at once, WebGL and WebGPU when asked.
 * Bundled into frontend/vendor/ by build.js.
 */
import { env, io, ready, setBackend, tensor } from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

export { loadGraphModel } from "@tensorflow/tfjs-converter";
export { io, tensor };

/** Each backend registers itself and its kernels when its chunk is imported. */
const CHUNKS = {
  wasm: async () => {
    env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // threads want COEP, and COEP wants blob: scripts
    const here = new URL(".", import.meta.url).href;
    setWasmPaths({
      "tfjs-backend-wasm.wasm": `${here}tf-wasm.wasm`,
      "tfjs-backend-wasm-simd.wasm": `${here}tf-wasm-simd.wasm`,
      "tfjs-backend-wasm-threaded-simd.wasm": `${here}tf-wasm-simd.wasm`,
    });
  },
  webgl: () => import("./webgl.js"),
  webgpu: () => import("./webgpu.js"),
};

/**
 * Loads and starts one backend.
 *
 * @param {"wasm" | "webgl" | "webgpu"} name
 * @returns {Promise<boolean>} whether it started on this device
 */
export async function startBackend(name) {
  await CHUNKS[name]();
  if (!(await setBackend(name))) return false;
  await ready();
  return true;
}
