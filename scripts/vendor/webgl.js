/** A chunk of its own: loaded only on devices where WebGL is tried. */
import "@tensorflow/tfjs-backend-webgl";
