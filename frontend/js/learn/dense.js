/** Dense layers over some rows, forwards and backwards, on plain arrays: what is tuned here is too small for more. */

/**
 * @typedef {object} Layer a part of a vector of parameters
 * @property {number} at where its kernel begins, `inputs` × `outputs` numbers, row by row; its bias follows
 * @property {number} inputs
 * @property {number} outputs
 */

/** How many parameters a layer has. @param {Layer} layer */
export function sizeOf({ inputs, outputs }) {
  return (inputs + 1) * outputs;
}

/**
 * @param {Layer} layer
 * @param {Float32Array} parameters
 * @param {Float32Array} input rows × inputs
 * @returns {Float32Array} rows × outputs
 */
export function dense({ at, inputs, outputs }, parameters, input) {
  const rows = input.length / inputs;
  const bias = parameters.subarray(at + inputs * outputs, at + (inputs + 1) * outputs);
  const output = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const to = row * outputs;
    output.set(bias, to);
    for (let i = 0; i < inputs; i++) {
      const value = input[row * inputs + i];
      if (value === 0) continue; // after a ReLU often
      const from = at + i * outputs;
      for (let o = 0; o < outputs; o++) output[to + o] += value * parameters[from + o];
    }
  }
  return output;
}

/**
 * The chain rule through `dense`.
 *
 * @param {Layer} layer
 * @param {Float32Array} parameters
 * @param {Float32Array} input rows × inputs
 * @param {Float32Array} slope of the loss by the layer's output, rows × outputs
 * @param {Float32Array} gradient by the parameters, to which this layer's is added
 * @returns {Float32Array} slope by the input, rows × inputs
 */
export function denseBack({ at, inputs, outputs }, parameters, input, slope, gradient) {
  const rows = input.length / inputs;
  const bias = at + inputs * outputs;
  const back = new Float32Array(input.length);
  for (let row = 0; row < rows; row++) {
    const own = slope.subarray(row * outputs, (row + 1) * outputs);
    const steep = nonzero(own); // before a ReLU few
    for (const o of steep) gradient[bias + o] += own[o];
    for (let i = 0; i < inputs; i++) {
      const value = input[row * inputs + i];
      const from = at + i * outputs;
      let sum = 0;
      for (let index = 0; index < steep.length; index++) {
        const o = steep[index];
        sum += own[o] * parameters[from + o];
        gradient[from + o] += own[o] * value;
      }
      back[row * inputs + i] = sum;
    }
  }
  return back;
}

/** Where a number is not 0. @param {Float32Array} values */
function nonzero(values) {
  const places = [];
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) places.push(at);
  return places;
}

/** Negative numbers become 0, in place. @param {Float32Array} values */
export function relu(values) {
  for (let at = 0; at < values.length; at++) if (values[at] < 0) values[at] = 0;
  return values;
}

/** Where `relu` gave 0 nothing goes back, in place. @param {Float32Array} slope @param {Float32Array} output of `relu` */
export function reluBack(slope, output) {
  for (let at = 0; at < slope.length; at++) if (output[at] <= 0) slope[at] = 0;
  return slope;
}
