/**
 * Meters and their readings with pictures, and what waits to be sent: kept on this device, in IndexedDB, for all pages.
 *
 * Each change is one transaction: after a crash it is there whole or not at all. Other tabs are told of it.
 */
import { StoreError, checkMeter, checkReading } from "./stored.js";
import { openDB } from "../vendor/idb.js";

/**
 * @typedef {import("./stored.js").Meter} Meter
 * @typedef {import("./stored.js").StoredReading} StoredReading
 * @typedef {import("./stored.js").Outgoing} Outgoing
 * @typedef {import("./stored.js").Lesson} Lesson
 * @typedef {import("./draw/sheet.js").Recorded} Recorded
 * @typedef {"meters" | "readings" | "outgoing" | "lessons" | "drawn"} Part
 * @typedef {{parts: Part[]}} Change which parts of the store are no longer what they were
 *
 * @typedef {object} Schema
 * @property {{key: string, value: Meter}} meters
 * @property {{key: string, value: StoredReading, indexes: {"by time": [string, number]}}} readings
 * @property {{key: string, value: Outgoing}} outgoing
 * @property {{key: string, value: Lesson}} lessons by their meter
 * @property {{key: number, value: Recorded}} drawn by their place on the test sheet
 *
 * @typedef {import("../vendor/idb.js").IDBPDatabase<Schema>} Database
 * @typedef {ReturnType<typeof writing>} Transaction
 */

export { StoreError, newId } from "./stored.js";

const NAME = "meter-reader";
const VERSION = 3;

/** @type {Set<(change: Change) => void>} */
const listeners = new Set();
/** @type {Promise<Database> | null} */
let opened = null;
/** @type {BroadcastChannel | null} */
let channel = null;

/** The meters in the order they were added. @returns {Promise<Meter[]>} */
export async function listMeters() {
  const meters = await read((database) => database.getAll("meters"));
  return meters.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

/** @param {string} id @returns {Promise<Meter | undefined>} */
export function getMeter(id) {
  return read((database) => database.get("meters", id));
}

/** Adds a meter or changes it. @param {Meter} meter @throws {StoreError} */
export function saveMeter(meter) {
  return saveAll({ meters: [meter] });
}

/**
 * Removes a meter with its readings.
 *
 * @param {string} id
 * @returns {Promise<{meters: Meter[], readings: StoredReading[]}>} what is gone; `saveAll` brings it back
 * @throws {StoreError}
 */
export async function removeMeter(id) {
  return change(["meters", "readings", "lessons"], async (transaction) => {
    const meter = await transaction.objectStore("meters").get(id);
    const index = transaction.objectStore("readings").index("by time");
    const readings = await index.getAll(ofMeter(id));
    await transaction.objectStore("meters").delete(id);
    for (const reading of readings) await transaction.objectStore("readings").delete(reading.id);
    await transaction.objectStore("lessons").delete(id); // it can be learned again
    return { meters: meter ? [meter] : [], readings };
  });
}

/** A meter's readings, oldest first. @param {string} meterId @returns {Promise<StoredReading[]>} */
export function listReadings(meterId) {
  return read((database) => database.getAllFromIndex("readings", "by time", ofMeter(meterId)));
}

/** Adds a reading or changes it. @param {StoredReading} reading @throws {StoreError} "no_meter" when its meter is gone */
export function saveReading(reading) {
  return saveAll({ readings: [reading] });
}

/** @param {string} id @throws {StoreError} */
export function removeReading(id) {
  return change(["readings"], (transaction) => transaction.objectStore("readings").delete(id));
}

/** All meters and readings as they are at one moment. @returns {Promise<{meters: Meter[], readings: StoredReading[]}>} */
export function readAll() {
  return read(async (database) => {
    const transaction = database.transaction(["meters", "readings"]);
    const [meters, readings] = await Promise.all([
      transaction.objectStore("meters").getAll(),
      transaction.objectStore("readings").index("by time").getAll(),
    ]);
    return { meters, readings };
  });
}

/**
 * Adds or changes many at once: all or none.
 *
 * @param {{meters?: Meter[], readings?: StoredReading[]}} all
 * @throws {StoreError}
 */
export async function saveAll({ meters = [], readings = [] }) {
  meters.forEach(checkMeter);
  readings.forEach(checkReading);
  /** @type {Part[]} */
  const parts = readings.length ? ["meters", "readings"] : ["meters"];
  await change(parts, async (transaction) => {
    const store = transaction.objectStore("meters");
    await Promise.all(meters.map((meter) => store.put(meter)));
    const known = new Set(await store.getAllKeys());
    const stray = readings.find(({ meter }) => !known.has(meter));
    if (stray) throw new StoreError("no_meter", `expected a reading of a meter that is kept, got '${stray.meter}'`);
    await Promise.all(readings.map((reading) => transaction.objectStore("readings").put(reading)));
  });
  if (meters.length) void keepForLong();
}

/** What waits to be sent, in the order of ids. @returns {Promise<Outgoing[]>} */
export function listOutgoing() {
  return read((database) => database.getAll("outgoing"));
}

/** @param {Outgoing} item @throws {StoreError} */
export function putOutgoing(item) {
  return change(["outgoing"], async (transaction) => void (await transaction.objectStore("outgoing").put(item)));
}

/** @param {string} id @throws {StoreError} */
export function removeOutgoing(id) {
  return change(["outgoing"], (transaction) => transaction.objectStore("outgoing").delete(id));
}

/** @param {(change: Change) => void} listener told of changes in this tab and in others @returns {() => void} ends it */
export function onStoreChange(listener) {
  listeners.add(listener);
  connect();
  return () => void listeners.delete(listener);
}

/** @param {string} id */
function ofMeter(id) {
  return IDBKeyRange.bound([id, -Infinity], [id, Infinity]);
}

/** @returns {Promise<Database>} */
function open() {
  opened ??= openDB(NAME, VERSION, {
    upgrade(/** @type {Database} */ database, /** @type {number} */ before) {
      if (before < 1) {
        database.createObjectStore("meters", { keyPath: "id" });
        database.createObjectStore("readings", { keyPath: "id" }).createIndex("by time", ["meter", "time"]);
        database.createObjectStore("outgoing", { keyPath: "id" });
      }
      if (before < 2) database.createObjectStore("lessons", { keyPath: "meter" });
      if (before < 3) database.createObjectStore("drawn", { keyPath: "place" });
    },
    blocking: forget, // another tab has a newer page
    terminated: forget,
  });
  opened.catch(forget); // the next try opens it anew
  return opened;
}

function forget() {
  void opened?.then((database) => database.close()).catch(() => undefined);
  opened = null;
}

/** For lessons.js and draw/records.js. @template Result @param {(database: Database) => Promise<Result>} work @returns {Promise<Result>} */
export async function read(work) {
  try {
    return await work(await open());
  } catch (error) {
    throw storeError(error);
  }
}

/** @param {Database} database @param {Part[]} parts */
function writing(database, parts) {
  return database.transaction(parts, "readwrite", { durability: "strict" });
}

/**
 * For lessons.js and draw/records.js.
 *
 * @template Result
 * @param {Part[]} parts
 * @param {(transaction: Transaction) => Promise<Result>} work in one transaction
 * @returns {Promise<Result>} once it is on the disk
 */
export async function change(parts, work) {
  try {
    const transaction = writing(await open(), parts);
    const done = transaction.done;
    done.catch(() => undefined); // thrown below, unless `work` fails before it
    const result = await work(transaction).catch((error) => abort(transaction, error));
    await done;
    tell({ parts });
    return result;
  } catch (error) {
    throw storeError(error);
  }
}

/** @param {Transaction} transaction @param {unknown} error @returns {never} */
function abort(transaction, error) {
  try {
    transaction.abort();
  } catch {
    // It has been aborted by the browser.
  }
  throw error;
}

/** @param {unknown} error @returns {StoreError} */
function storeError(error) {
  if (error instanceof StoreError) return error;
  const { name, message } = /** @type {Error} */ (error);
  const cause = { cause: error };
  if (name === "QuotaExceededError") return new StoreError("full", "This device has no room left for the page.", cause);
  if (name === "VersionError")
    return new StoreError("newer", "The store was made by a newer version of the page.", cause);
  if (["SecurityError", "InvalidStateError", "UnknownError", "ReferenceError"].includes(name)) {
    return new StoreError("unavailable", "This browser keeps nothing for the page, as in private windows.", cause);
  }
  return new StoreError("failed", `The store did not work: ${message}`, cause);
}

/** @param {Change} change */
function tell(change) {
  connect()?.postMessage(change);
  for (const listener of listeners) listener(change);
}

/** The channel between tabs; it does not hear itself. */
function connect() {
  if (channel || typeof BroadcastChannel === "undefined") return channel;
  channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", ({ data }) => {
    for (const listener of listeners) listener(data);
  });
  return channel;
}

/** Asks the browser not to clear the store when the disk gets full; what it answers changes nothing here. */
async function keepForLong() {
  try {
    await navigator.storage?.persist?.();
  } catch {
    // Then it may be cleared, as any page's data.
  }
}
