/** What was learned about each meter, kept on this device beside the meter: in no backup, and sent to nobody. */
import { change, read, StoreError } from "../store.js";

/** @typedef {import("../stored.js").Lesson} Lesson */

/** @param {string} meterId @returns {Promise<Lesson | undefined>} */
export function getLesson(meterId) {
  return read((database) => database.get("lessons", meterId));
}

/** @param {Lesson} lesson @throws {StoreError} "no_meter" when its meter is gone */
export function putLesson(lesson) {
  return change(["meters", "lessons"], async (transaction) => {
    if (!(await transaction.objectStore("meters").getKey(lesson.meter))) {
      throw new StoreError("no_meter", `expected a meter that is kept, got '${lesson.meter}'`);
    }
    await transaction.objectStore("lessons").put(lesson);
  });
}

/** @param {string} meterId @throws {StoreError} */
export function removeLesson(meterId) {
  return change(["lessons"], (transaction) => transaction.objectStore("lessons").delete(meterId));
}
