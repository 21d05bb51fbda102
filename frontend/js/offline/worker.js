/**
 * The service worker: the page's own files come from Workbox's precache, a version's files from the set in use.
 *
 * The precache is whole or not there: a worker whose files do not all arrive as their hashes say is not installed, and
 * the one before goes on. A new one waits until every page of the old one is closed, or until a person lets it in. All
 * else (`/api`, `/admin`, other methods than GET) goes to the network as if no worker were there.
 */
import { addPlugins, precacheAndRoute, registerRoute } from "../../vendor/workbox.js";
import { keptFile, keptPointer, MODELS, NEXT, setOf } from "./sets.js";

/** The scope of a service worker, which the types of a page do not know. */
const scope = /** @type {any} */ (self);

/** @param {Record<string, string>} files integrity of each file of the page by its path below the page's root */
export function serve(files) {
  addPlugins([{ requestWillFetch: revalidated }]);
  const entries = Object.entries(files).map(([url, integrity]) => ({ url, integrity, revision: integrity }));
  const options = { directoryIndex: "index.html", cleanURLs: false, ignoreURLParametersMatching: [/./] };
  precacheAndRoute(entries, options);
  registerRoute(({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith(MODELS), versionFile);
  scope.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener("message", (/** @type {MessageEvent} */ { data }) => {
    if (data?.type === "take-over") scope.skipWaiting();
  });
}

/**
 * Installing asks the server whether what the page has just loaded is still right, instead of loading it again: the
 * integrity keeps a stale copy out.
 *
 * @param {{request: Request, event?: Event}} about
 */
async function revalidated({ request, event }) {
  return event?.type === "install" ? new Request(request, { cache: "no-cache" }) : request;
}

/**
 * A file of a version. How it was asked for says from where: current.json with "no-store" and other files with
 * "no-cache" or "no-store" from the network, since a new set is being gathered; others with "reload" from the network
 * into the set, because what lay there was damaged; everything else from the set, if it has it.
 *
 * @param {{request: Request, url: URL}} route
 */
async function versionFile({ request, url }) {
  const root = url.pathname.startsWith(NEXT) ? NEXT : MODELS;
  const path = url.pathname.slice(root.length);
  const isPointer = path === "current.json";
  const pointer = fromNetwork(request, isPointer) ? undefined : await keptPointer(root);
  if (!pointer) return fetch(request);
  if (isPointer) return pointer;
  const set = setOf(pointer);
  if (request.cache === "reload") return mended(request, MODELS + path, set);
  const kept = await keptFile(MODELS + path, set);
  return kept ?? fetch(MODELS + path, { integrity: request.integrity });
}

/** @param {Request} request @param {boolean} isPointer */
function fromNetwork({ cache }, isPointer) {
  return cache === "no-store" || (cache === "no-cache" && !isPointer);
}

/** @param {Request} request with integrity @param {string} address @param {string} set */
async function mended({ integrity }, address, set) {
  const response = await fetch(address, { integrity, cache: "reload" });
  if (response.ok && integrity) {
    const cache = await caches.open(set);
    await cache.put(address, response.clone()).catch(() => {}); // read it now, even if it cannot be kept
  }
  return response;
}
