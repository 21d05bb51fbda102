/** What the labelling page shows of a card: where it is from, its value, what is odd about it. */

/** @typedef {Record<string, string>} Texts */
/** @typedef {import("./labelling-value.js").Value} Value */

/**
 * The meter, where the picture is from, who proposed the value and how sure that is.
 * @param {import("./labelling-queue.js").Card} card
 * @param {Texts} texts
 */
export function facts({ meter, group, source, version, value, confidence }, texts) {
  const proposed = version ? texts.proposed.replace("%s", version) : value ? texts.sent : texts.unproposed;
  const sure = confidence === null ? "" : texts.sure.replace("%s", `${Math.floor(confidence * 100)}`);
  return [meter, group || source, proposed, sure].filter(Boolean).join(" · ");
}

/**
 * A word of warning when the value has another number of digits than the meter; else nothing.
 * @param {Value} value
 * @param {number | null | undefined} expected
 * @param {Texts} texts
 */
export function hint({ characters, digits }, expected, texts) {
  const odd = expected && characters.length && digits !== expected;
  return odd ? texts.digits.replace("%1", `${expected}`).replace("%2", `${digits}`) : "";
}

/**
 * The characters of a value as buttons: one click, and the next key overwrites this one. An empty one stands behind the
 * last character when the cursor does.
 * @param {Value} value
 * @param {Texts} texts
 */
export function cells({ characters, cursor }, texts) {
  const all = [...characters, ...(cursor === characters.length ? [{ character: "", doubtful: false }] : [])];
  return all.map((one, place) => cell(one, place, place === cursor, texts));
}

/**
 * @param {import("./labelling-value.js").Character} cell
 * @param {number} place
 * @param {boolean} current whether the next key goes here
 * @param {Texts} texts
 */
function cell({ character, doubtful }, place, current, texts) {
  const button = document.createElement("button");
  const label = texts.place.replace("%1", `${place + 1}`).replace("%2", character);
  button.type = "button";
  button.dataset.place = `${place}`;
  button.textContent = character;
  button.classList.toggle("doubtful", doubtful);
  button.classList.toggle("point", character === ".");
  if (current) button.setAttribute("aria-current", "true");
  button.setAttribute("aria-label", doubtful ? `${label}, ${texts.doubtful}` : label);
  return button;
}
