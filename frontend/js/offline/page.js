/** The page's side of the service worker: registers it, follows its updates and those of the model, says what is so. */
import { areNetworksKept, refresh } from "./model.js";
import { OfflinePanel } from "./panel.js";

const container = navigator.serviceWorker; // only where the page came by HTTPS or from this machine

/**
 * @param {Promise<import("./start.js").InstallPrompt>} installPrompt
 * @param {import("./start.js").Keeps} keeps
 * @param {string} [proven] name and version of the model that this page's reader has opened
 */
export async function start(installPrompt, keeps, proven) {
  const panel = new OfflinePanel(keeps);
  void installPrompt.then((prompt) => panel.offerInstall(prompt));
  if (!container) return panel.show({ page: "insecure" });
  try {
    const address = new URL("../../sw.js", import.meta.url);
    const registration = await container.register(address, { type: "module", updateViaCache: "none" });
    followWorker(registration, panel);
    followModel(registration, panel, proven);
  } catch (error) {
    console.info(error); // an old browser, or none of its storage is to be had
    panel.show({ page: "failed" });
  }
}

/** @param {ServiceWorkerRegistration} registration @param {OfflinePanel} panel */
function followWorker(registration, panel) {
  let reloads = false;
  let controlled = Boolean(container.controller);
  panel.onReload = () => {
    reloads = true;
    if (registration.waiting) registration.waiting.postMessage({ type: "take-over" });
    else location.reload();
  };
  container.addEventListener("controllerchange", () => {
    if (reloads) location.reload();
    else if (controlled) panel.show({ page: "new" }); // another tab has let it in
    controlled = true;
  });
  registration.addEventListener("updatefound", () => watch(registration.installing, registration, panel));
  if (registration.active) panel.show({ page: registration.waiting ? "new" : "kept" });
  watch(registration.installing, registration, panel);
}

/** @param {ServiceWorker | null} worker that is being installed @param {ServiceWorkerRegistration} registration @param {OfflinePanel} panel */
function watch(worker, registration, panel) {
  const isUpdate = Boolean(registration.active);
  let installed = false;
  worker?.addEventListener("statechange", () => {
    if (worker.state === "installed") {
      installed = true;
      panel.show({ page: isUpdate ? "new" : "kept" });
    }
    if (worker.state === "redundant" && !installed) panel.show({ page: isUpdate ? "update_failed" : "failed" });
  });
}

/**
 * Keeps the model as soon as the worker hears what the page asks for, and looks for a new one when the network is back.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {OfflinePanel} panel
 * @param {string} [proven]
 */
function followModel(registration, panel, proven) {
  const look = async () => {
    if (container.controller) panel.show({ model: await refresh(proven), networks: await areNetworksKept() });
  };
  if (container.controller) void look();
  else container.addEventListener("controllerchange", look, { once: true });
  addEventListener("online", () => {
    void look();
    registration.update().catch(() => {}); // the browser looks again by itself at the next start
  });
}
