/** What the tests ask of the twins about outlines; bytes go as base64, numbers as they are. */
import { decode } from "/js/imaging.js";
import { CELLS, decodeCorners, find, letterbox, lookCloser, placed, secondLook, SIDE } from "/js/outline.js";
import { isUsable } from "/js/quad.js";
import { straighten } from "/js/straighten.js";

/** As in tests/outlines.py. */
const COLOURS = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 0],
];
const [GAIN, NEEDED, STEEPNESS] = [30, 0.6, 30];

export const outlineFunctions = (base64) => ({
  straighten: (url, cases) =>
    opened(url, (picture) => cases.map(([corners, ...rest]) => base64(straighten(picture, corners, ...rest)))),

  /** The error's code and message. */
  straightenRefusal: (url, ...rest) =>
    opened(url, (picture) => {
      try {
        straighten(picture, ...rest);
      } catch (error) {
        return [error.code, error.message];
      }
    }),

  letterbox: (url) =>
    opened(url, (picture) => {
      const { input, square } = letterbox(picture);
      return { input: base64(new Uint8Array(input.buffer)), square };
    }),

  decodeCorners(doubles, count) {
    const bytes = Uint8Array.from(atob(doubles), (character) => character.charCodeAt(0));
    const maps = new Float64Array(bytes.buffer);
    const size = maps.length / count;
    return Array.from({ length: count }, (_, index) => decodeCorners(maps.subarray(index * size, (index + 1) * size)));
  },

  places: (outlines) => outlines.map((outline) => [isUsable(outline), secondLook(outline)]),

  placed: (points, square) => placed(points, square),

  find: (url) => opened(url, (picture) => find(picture, colourFinder)),

  lookCloser: (url, corners) => opened(url, (picture) => lookCloser(picture, { corners, presence: 0.7 }, colourFinder)),
});

async function opened(url, use) {
  const picture = await decode(await (await fetch(url)).blob());
  try {
    return await use(picture);
  } finally {
    picture.close();
  }
}

/** The finder of tests/outlines.py. */
async function colourFinder(input) {
  const maps = new Float32Array(CELLS * CELLS * 4);
  const most = [-9, -9, -9, -9];
  for (let place = 0; place < CELLS * CELLS; place++) {
    const mean = meanOf(input, Math.floor(place / CELLS), place % CELLS);
    COLOURS.forEach((colour, corner) => {
      const like = 1 - colour.reduce((sum, part, channel) => sum + (part - mean[channel]) ** 2, 0);
      maps[place * 4 + corner] = GAIN * like;
      most[corner] = Math.max(most[corner], like);
    });
  }
  return { maps, presence: STEEPNESS * (Math.min(...most) - NEEDED) };
}

function meanOf(input, row, column) {
  const mean = [0, 0, 0];
  for (let at = 0; at < 16; at++) {
    const pixel = (row * 4 + (at >> 2)) * SIDE + column * 4 + (at % 4);
    for (let channel = 0; channel < 3; channel++) mean[channel] += input[pixel * 3 + channel] / 16;
  }
  return mean;
}
