/** What the page needs of idb, and no more: IndexedDB as promises. Bundled into frontend/vendor/ by build.js. */
export { openDB } from "idb";
