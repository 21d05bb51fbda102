/** Makes the page work without a network, once nobody waits for anything any more. */

/** Milliseconds after the page is ready: reading comes first. */
const QUIET = 2000;

/**
 * @typedef {Event & {prompt: () => Promise<unknown>}} InstallPrompt
 * @type {Promise<InstallPrompt>} settled when the browser would install the page as an app, which it may tell early
 */
const installPrompt = new Promise((resolve) => {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // the page has a button of its own
    resolve(/** @type {InstallPrompt} */ (event));
  });
});

/** @typedef {"model" | "networks"} Keeps what a page computes with, of which the foot says that it is kept */

let isAsked = false; // a page that has lost what it computes with, and has it again, asks once more

/**
 * @param {string} [proven] name and version of the model that this page's reader has opened, if it has a reader
 * @param {Keeps} [keeps]
 */
export function keepOffline(proven, keeps = "model") {
  if (isAsked) return;
  isAsked = true;
  setTimeout(async () => {
    const { start } = await import("./page.js");
    await start(installPrompt, keeps, proven);
  }, QUIET);
}
