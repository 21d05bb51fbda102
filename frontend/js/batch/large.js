/** One picture of the table, as large as the window lets it be. */
export class Large {
  #address = "";
  #image;
  #name;

  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
    this.#image = /** @type {HTMLImageElement} */ (dialog.querySelector("img"));
    this.#name = /** @type {HTMLElement} */ (dialog.querySelector(".large-name"));
    dialog.addEventListener("close", () => this.#release());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  /** @param {File} file @param {string} name */
  show(file, name) {
    this.#release();
    this.#address = URL.createObjectURL(file);
    this.#image.src = this.#address;
    this.#image.alt = name;
    this.#name.textContent = name;
    this.dialog.showModal();
  }

  #release() {
    this.#image.removeAttribute("src");
    URL.revokeObjectURL(this.#address);
  }
}
