/** What was recorded on the test sheet, kept on this device beside the meters: in no backup, and sent to nobody. */
import { change, read, StoreError } from "../store.js";
import { PLAN } from "./sheet.js";

/** @typedef {import("./sheet.js").Recorded} Recorded */

/** @returns {Promise<Recorded[]>} in the order of the sheet @throws {StoreError} */
export function listRecords() {
  return read((database) => database.getAll("drawn"));
}

/** @param {Recorded} record at the next place @throws {StoreError} "invalid" when another tab has filled it meanwhile */
export function addRecord(record) {
  return change(["drawn"], async (transaction) => {
    const store = transaction.objectStore("drawn");
    const next = await store.count();
    if (record.place !== next || record.asked !== PLAN[next]) {
      const [place, got] = [next + 1, record.place + 1];
      const why = /** @type {const} */ ({ name: "sheet", values: { place, got } });
      throw new StoreError("invalid", `expected a digit for place ${place} of the sheet, got ${got}`, { why });
    }
    await store.add(record);
  });
}

/** The last one goes. @throws {StoreError} */
export function removeLast() {
  return change(["drawn"], async (transaction) => {
    const store = transaction.objectStore("drawn");
    await store.delete((await store.count()) - 1);
  });
}

/** @returns {Promise<Recorded[]>} what is gone; `restoreRecords` brings it back @throws {StoreError} */
export function clearRecords() {
  return change(["drawn"], async (transaction) => {
    const store = transaction.objectStore("drawn");
    const gone = await store.getAll();
    await store.clear();
    return gone;
  });
}

/** Instead of what was recorded since. @param {Recorded[]} records @throws {StoreError} */
export function restoreRecords(records) {
  return change(["drawn"], async (transaction) => {
    const store = transaction.objectStore("drawn");
    await store.clear();
    for (const record of records) await store.add(record);
  });
}
