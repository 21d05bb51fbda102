/** Which meter a picture shows, by the names of its folders and its file. */

/**
 * The meter whose name is in the path word by word; of several the one with the longest name.
 *
 * @template {{name: string}} Meter
 * @param {string} path
 * @param {Meter[]} meters
 * @returns {Meter | null}
 */
export function matchMeter(path, meters) {
  const inside = words(path);
  const fitting = meters.filter(({ name }) => words(name).trim() && inside.includes(words(name)));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

/** Letters and numbers in small, one space around each word. @param {string} text */
function words(text) {
  return ` ${
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.join(" ") ?? ""
  } `;
}
