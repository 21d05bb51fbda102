/** A chunk of its own: loaded only on devices where WebGPU is tried. */
import "@tensorflow/tfjs-backend-webgpu";
