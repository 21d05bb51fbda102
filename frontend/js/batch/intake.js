/** Photos and folders come in by picking, dropping and pasting. */
import { fromDrop, fromFiles } from "./sources.js";

/**
 * @typedef {object} Parts
 * @property {HTMLInputElement} files
 * @property {HTMLButtonElement} choose
 * @property {HTMLInputElement} folder
 * @property {HTMLButtonElement} chooseFolder
 */

/**
 * @param {Parts} parts
 * @param {(found: import("./sources.js").Found[]) => void} onFound
 * @param {() => void} onUnreadable a folder that the browser does not open
 */
export function takeIn({ files, choose, folder, chooseFolder }, onFound, onUnreadable) {
  /** @type {[HTMLInputElement, HTMLButtonElement][]} */
  const ways = [
    [files, choose],
    [folder, chooseFolder],
  ];
  for (const [input, button] of ways) {
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      onFound(fromFiles(input.files ?? []));
      input.value = ""; // so that the same can be picked again
    });
  }
  document.addEventListener("paste", (event) => {
    const pasted = fromFiles(event.clipboardData?.files ?? []);
    if (pasted.length) onFound(pasted);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping"); // it left the window
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    if (event.dataTransfer) fromDrop(event.dataTransfer).then(onFound, onUnreadable);
  });
}
