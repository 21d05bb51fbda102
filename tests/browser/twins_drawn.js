/** What the tests ask of the twin of drawn digits; see twins_worker.js. */
import { asReading, centred, digitsInARow, framed } from "/js/drawn.js";
import { decode } from "/js/reading.js";

/** @param {(bytes: Uint8Array) => string} base64 */
export function drawnFunctions(base64) {
  const bytes = (picture) => base64(Uint8Array.from(picture, (value) => Math.round(value * 255)));
  return {
    /** Each drawing's digits in a row and all of it as one digit, or why it is refused. */
    drawn: (drawings) =>
      drawings.map((drawing) => {
        const ink = inkOf(drawing);
        return attempt(() => ({
          digits: digitsInARow(ink).map((digit) => ({
            width: digit.width,
            height: digit.height,
            centred: bytes(centred(digit)),
          })),
          centred: bytes(centred(ink)),
        }));
      }),

    centredAlone: (drawing) => attempt(() => ({ centred: bytes(centred(inkOf(drawing))) })),

    framed: (width, height, values, ...size) => [
      ...framed({ width, height, values: Float32Array.from(values) }, ...size),
    ],

    asReading: (rows) => attempt(() => decode(asReading(rows))),
  };
}

function inkOf({ width, height, ink }) {
  const values = Float32Array.from(atob(ink), (each) => Math.fround(each.charCodeAt(0) / 255));
  return { width, height, values };
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    if (error.name !== "NoInkError") throw error;
    return { refused: error.message };
  }
}
