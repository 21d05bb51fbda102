/** The page's outbox: corrections on their way, and those that wait from the last time. One for all parts of a page. */
import { consent } from "../consent.js";
import { Feedback } from "../feedback.js";
import { cutOut } from "./pictures.js";
import { isSame } from "./words.js";

/**
 * @typedef {object} Read what a picture was read as
 * @property {string | null} text null where that is not known any more
 * @property {number} [confidence] of it
 * @property {string} version such as "compact/5"
 * @property {boolean} [learned] whether what was learned on this device had a say
 */

export const outbox = new Feedback();

/** What is done last for each thing that is corrected. @type {Map<string, Promise<unknown>>} */
const latest = new Map();

/**
 * Hands a correction over to be sent.
 *
 * @param {string} of what is corrected: of the same, only the last correction is sent
 * @param {import("./pictures.js").Photo} photo
 * @param {Read} read
 * @param {string} value what a person says that it shows
 * @returns {Promise<string>} the correction's id; empty where consent was withdrawn meanwhile
 * @throws {import("../store.js").StoreError}
 */
export function handOver(of, photo, read, value) {
  return inTurn(of, () => replace(of, photo, read, value));
}

/** Takes back what has not been sent of one thing's corrections. @param {string} of */
export function takeBack(of) {
  return inTurn(of, () => outbox.takeBackAll(of));
}

/** @param {string} of @param {import("./pictures.js").Photo} photo @param {Read} read @param {string} value */
async function replace(of, photo, { text, confidence, version, learned = false }, value) {
  await outbox.takeBackAll(of);
  const known = text !== null && confidence !== undefined && !learned; // what was learned here is no word of the version's
  const own = known ? { reading: text, confidence } : {};
  return outbox.give({ ...(await cutOut(photo)), value, ...own, version, of });
}

/**
 * The same for a correction that was made where nobody is asked: only under the consent that was given before.
 *
 * @param {string} of @param {import("./pictures.js").Photo | null} photo null where what would be sent is not known
 * @param {Read} read @param {string} value
 */
export async function offer(of, photo, read, value) {
  try {
    const said = read.text !== null && isSame(read.text, value);
    if (photo && !said && consent() === "yes") await handOver(of, photo, read, value);
    else await takeBack(of);
  } catch (error) {
    console.warn(error); // the correction stands; it is not sent
  }
}

/**
 * Runs after what was begun before for the same thing: a small picture is cut out sooner than the large one before it.
 *
 * @template Result @param {string} of @param {() => Promise<Result>} work @returns {Promise<Result>}
 */
function inTurn(of, work) {
  const done = (latest.get(of) ?? Promise.resolve()).then(work);
  const settled = done
    .catch(() => undefined) // told to who asked for it
    .then(() => void (latest.get(of) === settled && latest.delete(of)));
  latest.set(of, settled);
  return done;
}
