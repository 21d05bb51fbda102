/** The list of pictures: each is read when it comes in and again whenever its frame moves. */
import { readingFailed } from "./sentences.js";
import { spoken } from "./verdict.js";
import { ResultView } from "./view.js";

/** @typedef {import("./reader.js").Reader} Reader */
/** @typedef {import("./reader.js").Box} Box */
/** @typedef {import("./sense/sense.js").Sense} Sense */

export class Results {
  /** @type {Set<Item>} */
  #items = new Set();
  /** @type {((reader: Reader) => void) | undefined} */
  #arrive;
  /** @type {Promise<Reader>} */
  #reader = new Promise((resolve) => (this.#arrive = resolve));
  /** @type {Sense | null} */
  sense = null;

  /**
   * @param {HTMLElement} list
   * @param {(sentence: string) => void} announce to those who do not see the page
   * @param {() => void} onCount called when pictures came or went
   */
  constructor(list, announce, onCount) {
    this.list = list;
    this.announce = announce;
    this.onCount = onCount;
  }

  get count() {
    return this.#items.size;
  }

  /** From now on pictures are read; those that wait, first. @param {Reader} reader */
  use(reader) {
    this.#arrive?.(reader);
  }

  /** From now on readings are compared with their meter's past. @param {Sense} sense */
  understand(sense) {
    this.sense = sense;
    for (const item of this.#items) void item.join(sense);
  }

  /** @param {{file: Blob, name: () => string, box?: Box | null}[]} pictures shown in this order, above the earlier ones */
  add(pictures) {
    const items = pictures.map(({ file, name, box = null }) => new Item(this, file, name, box));
    for (const item of items) this.#items.add(item);
    this.list.prepend(...items.map((item) => item.view.element));
    this.onCount();
    for (const item of items) void item.read(item.box);
    items[0]?.view.element.scrollIntoView({ block: "nearest" });
    return items;
  }

  /** @param {Item} item */
  remove(item) {
    const { element } = item.view;
    const next = element.nextElementSibling ?? element.previousElementSibling ?? document.getElementById("choose");
    item.leave();
    /** @type {HTMLElement | null} */ (next)?.focus({ preventScroll: true });
    this.#items.delete(item);
    this.onCount();
  }

  translate() {
    this.sense?.translate();
    for (const { view } of this.#items) view.render();
  }

  /** @returns {Promise<Reader>} */
  reader() {
    return this.#reader;
  }
}

class Item {
  #shown = false;
  /** @type {import("./reader.js").Reading | null} */
  #reading = null;
  /** @type {import("./sense/keep.js").Keep | null} */
  #keep = null;
  #latest = new AbortController();

  /** @param {Results} results @param {Blob} file @param {() => string} name @param {Box | null} box */
  constructor(results, file, name, box) {
    this.results = results;
    this.file = file;
    this.box = box;
    this.view = new ResultView(name, {
      onBox: (changed) => void this.read(changed),
      onTurn: () => void this.turn(),
      onRemove: () => results.remove(this),
    });
    if (results.sense) void this.join(results.sense);
  }

  /** @param {Sense} sense */
  async join(sense) {
    const picture = () => ({ file: this.file, box: this.box });
    const keep = (this.#keep = sense.join({ picture, onVerdict: () => this.#show() }));
    this.view.attach(keep.view.element);
    if (!this.#reading) return;
    await keep.use(this.#reading);
    this.#show();
  }

  leave() {
    if (this.#keep) this.results.sense?.leave(this.#keep);
    this.view.remove();
  }

  /** Reads the picture in a frame; a newer call makes an older one void. @param {Box | null} box */
  async read(box) {
    this.#latest.abort();
    const latest = (this.#latest = new AbortController());
    this.box = box;
    try {
      const reader = await this.results.reader();
      if (!this.#shown) this.view.show({ state: "reading" });
      const reading = await reader.read(this.file, { box, signal: latest.signal });
      await this.#showPicture();
      await this.#keep?.use(reading);
      if (latest.signal.aborted) return;
      this.#reading = reading;
      this.#show();
      this.results.announce(spoken(reading, this.#keep?.verdict ?? null));
    } catch (error) {
      if (!latest.signal.aborted) this.view.show({ state: "error", sentence: () => readingFailed(error) });
    }
  }

  async turn() {
    this.file = await turned(this.file);
    this.#shown = false;
    await this.read(null);
  }

  #show() {
    const [reading, keep] = [this.#reading, this.#keep];
    if (!reading) return;
    this.view.show({ state: "read", reading, verdict: keep?.verdict ?? null, sent: keep?.courier.sent ?? false });
  }

  async #showPicture() {
    if (this.#shown) return;
    this.#shown = true;
    await this.view.showPicture(this.file, this.box);
  }
}

/** The picture, a quarter turn to the right. @param {Blob} file */
async function turned(file) {
  const upright = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(upright.height, upright.width);
  const context = canvas.getContext("2d");
  context?.translate(upright.height, 0);
  context?.rotate(Math.PI / 2);
  context?.drawImage(upright, 0, 0);
  upright.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
}
