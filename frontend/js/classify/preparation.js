/**
 * From a picture to the input of a network whose card says "picture": all of it, stretched to the input's size, 0 to 1.
 *
 * Twin of `stretched` in training/transfer/collection.py; tests/browser/test_classify_twins.py holds both together.
 */
import { preprocess } from "../imaging.js";

/**
 * @param {import("../imaging.js").Picture} picture
 * @param {{width: number, height: number}} size
 * @returns {Float32Array} height × width × 3
 */
export function wholePicture(picture, { width, height }) {
  return preprocess(picture, null, { width, height, margin: 0 });
}
