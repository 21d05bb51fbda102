/** The pages about samples: choosing many on the list, uploading many files. */

import { start } from "./training-upload.js";

/** @param {HTMLFormElement} form */
function choosing(form) {
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[name="id"]')]);
  const page = /** @type {HTMLInputElement | null} */ (form.querySelector("#page"));
  const all = /** @type {HTMLInputElement | null} */ (form.querySelector("#all"));
  const chosen = /** @type {HTMLElement | null} */ (form.querySelector("#chosen"));
  const bar = form.querySelector("#bulk");
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll("[data-bulk]"));
  if (!page || !all || !chosen) return;
  /** The box that was clicked last: Shift chooses from it to the next one. */
  let last = -1;

  const show = () => {
    const count = boxes.filter(({ checked }) => checked).length;
    page.checked = count === boxes.length;
    page.indeterminate = count > 0 && count < boxes.length;
    chosen.textContent = all.checked ? "" : (chosen.dataset.text ?? "").replace("%s", `${count}`);
    bar?.classList.toggle("none", count === 0 && !all.checked);
    for (const button of buttons) {
      const each = "each" in button.dataset; // deleting is for chosen ones only
      button.disabled = each ? count === 0 || all.checked : count === 0 && !all.checked;
      if (!each) button.dataset.confirm = all.checked ? button.dataset.all : "";
    }
  };

  for (const [place, box] of boxes.entries())
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last >= 0)
        for (const between of boxes.slice(Math.min(last, place), Math.max(last, place))) between.checked = box.checked;
      last = place;
    });
  page.addEventListener("change", () => {
    for (const box of boxes) box.checked = page.checked;
  });
  form.addEventListener("change", show);
  form.addEventListener("click", () => setTimeout(show));
  show();
}

const list = /** @type {HTMLFormElement | null} */ (document.getElementById("samples"));
if (list) choosing(list);
const upload = /** @type {HTMLFormElement | null} */ (document.getElementById("upload"));
if (upload) start(upload);
