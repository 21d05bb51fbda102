/** TensorFlow.js started in a worker: what did not arrive is told apart from what a device does not have. */
import { startBackend } from "../vendor/tf.js";
import { ReaderError } from "./errors.js";
import { hasWebAssembly } from "./hardware.js";

/**
 * @param {import("./reader.js").BackendName} backend
 * @returns {Promise<boolean>} whether this device has it
 * @throws {ReaderError} `download`
 */
export async function startRuntime(backend) {
  if (backend === "wasm" && !hasWebAssembly()) return false;
  try {
    const started = await startBackend(backend);
    // For TensorFlow.js a .wasm that does not arrive is no error, but a backend that is not there.
    if (!started && backend === "wasm") throw new Error("expected its .wasm file, got none");
    return started;
  } catch (cause) {
    throw new ReaderError("download", `The ${backend} runtime could not be loaded.`, { cause });
  }
}
