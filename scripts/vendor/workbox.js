/** What the service worker needs of Workbox, and no more. Bundled into frontend/vendor/ by build.js. */
export { addPlugins, precacheAndRoute } from "workbox-precaching";
export { registerRoute } from "workbox-routing";
