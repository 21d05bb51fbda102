/**
 * The published versions that this device keeps: the service worker reads them, a page writes them.
 *
 * All files of what one current.json points to are a set, in a cache of its own. A pointer says which set is in use; it
 * is one entry of the cache "model-pointers" and changes in one write, after the whole set is there and has been
 * checked. Until then the set lies under NEXT, as if it were another folder of models.
 */

/** Where a page asks for the published version. */
export const MODELS = "/static/model/";
/** The same for the set that waits to be taken into use; no server has this folder. */
export const NEXT = `${MODELS}@next/`;

const POINTERS = "model-pointers";
const SET = "model-set-";
const NAME = "X-Set";

/**
 * @typedef {typeof MODELS | typeof NEXT} Root
 * @typedef {{set: string, text: string}} Pointer the name of a set's cache, and the current.json that points to it
 */

/** @param {Root} root */
const keyOf = (root) => `${root}current.json`;

/**
 * @param {string} address of a file of a version
 * @param {string} set where it should be
 * @returns {Promise<Response | undefined>} from there, or from the set before; whoever asks checks its hash
 */
export async function keptFile(address, set) {
  const there = await caches.match(address, { cacheName: set, ignoreVary: true });
  return there ?? caches.match(address, { ignoreVary: true });
}

/** @param {Root} root @returns {Promise<Response | undefined>} the current.json kept for it */
export async function keptPointer(root) {
  return caches.match(keyOf(root), { cacheName: POINTERS });
}

/** @param {Response} response of keptPointer @returns {string} the name of the set's cache */
export function setOf(response) {
  return response.headers.get(NAME) ?? "";
}

/** @param {Root} root @returns {Promise<Pointer | null>} */
export async function pointerOf(root) {
  const response = await keptPointer(root);
  return response ? { set: setOf(response), text: await response.text() } : null;
}

/** One write: before it the old set is in use, after it the new one. @param {Root} root @param {Pointer} pointer */
export async function point(root, { set, text }) {
  const pointers = await caches.open(POINTERS);
  await pointers.put(keyOf(root), new Response(text, { headers: { "Content-Type": "application/json", [NAME]: set } }));
}

/** @param {string} text of a current.json @returns {Promise<string>} the name of its set's cache */
export async function setFor(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return SET + Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Drops what nobody needs any more. The set in use before is kept until then: a page that has started with it may still
 * ask for its finder.
 *
 * @param {string} next the set that is being gathered
 */
export async function tidy(next) {
  const kept = (await pointerOf(MODELS))?.set;
  const names = (await caches.keys()).filter((name) => name.startsWith(SET) && name !== kept && name !== next);
  await Promise.all(names.map((name) => caches.delete(name)));
}
