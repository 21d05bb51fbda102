/** What the `<meter-reader>` element is made of; it takes the colours and the font of the page around it. */

export const MARKUP = `
  <div class="box" part="box">
    <p class="prompt"></p>
    <div class="buttons">
      <button type="button" class="choose" part="button"></button>
      <button type="button" class="camera" part="button"></button>
    </div>
    <label><span class="label"></span><br /><input class="value" part="value" inputmode="decimal" autocomplete="off" /></label>
    <p class="words" part="words" role="status" tabindex="-1"></p>
    <button type="button" class="right" part="button" hidden></button>
    <input type="file" class="file" accept="image/*" hidden />
    <input type="file" class="shot" accept="image/*" capture="environment" hidden />
  </div>`;

const CSS = `
:host { display: block; color-scheme: inherit; }
:host([hidden]) { display: none; }
.box { padding: 0.9rem; border: 2px dashed color-mix(in srgb, currentColor 35%, transparent); border-radius: 10px; }
.box.dropping { border-color: var(--meter-reader-accent, currentColor); }
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.5rem 0; }
p { margin: 0; }
@media (hover: none) { .prompt { display: none; } }
button, input { min-height: 2.5rem; padding: 0.3rem 0.9rem; border: 1px solid color-mix(in srgb, currentColor 40%, transparent);
  border-radius: 8px; background: transparent; color: inherit; font: inherit; }
button { cursor: pointer; }
button:disabled, input:disabled { opacity: 0.55; cursor: default; }
button:hover:enabled { border-color: currentColor; }
:focus-visible { outline: 3px solid var(--meter-reader-accent, currentColor); outline-offset: 2px; }
label { display: block; font-size: 0.9rem; }
input.value { box-sizing: border-box; width: 100%; max-width: 16rem; margin: 0.35rem 0;
  border-color: color-mix(in srgb, currentColor 60%, transparent); font-size: 1.4rem; font-weight: 700; line-height: 1.9;
  font-variant-numeric: tabular-nums; }
.box.doubtful input.value { text-decoration: underline wavy 2px; text-underline-offset: 0.15em; }
.words { min-height: 1.5em; margin-top: 0.3rem; font-size: 0.9rem; }
.box.wrong .words { color: color-mix(in srgb, currentColor 40%, #e02020); font-weight: 600; }
.right { margin-top: 0.4rem; }
:host(:disabled) :is(.prompt, .label) { opacity: 0.7; }
:host(:disabled) :is(.words, .right) { display: none; }
`;

/** Made by the script, so that a page whose policy allows no inline styles shows it too. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);

/**
 * Photos come in by the two buttons and by dropping.
 *
 * @param {ShadowRoot} root
 * @param {(photo: File) => void} onPhoto
 */
export function takePhotos(root, onPhoto) {
  const find = (/** @type {string} */ selector) => /** @type {any} */ (root.querySelector(selector));
  for (const [button, input] of [
    [find(".choose"), find(".file")],
    [find(".camera"), find(".shot")],
  ]) {
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files[0]) onPhoto(input.files[0]);
      input.value = ""; // so that the same can be picked again
    });
  }
  const box = find(".box");
  box.addEventListener("dragleave", () => box.classList.remove("dropping"));
  box.addEventListener("dragover", (/** @type {DragEvent} */ event) => {
    event.preventDefault(); // nor does the window open it
    if (!root.host.matches(":disabled")) box.classList.add("dropping");
    else if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
  });
  box.addEventListener("drop", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    box.classList.remove("dropping");
    const photo = event.dataTransfer?.files[0];
    if (photo) onPhoto(photo);
  });
}
