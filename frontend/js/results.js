/** The list of pictures: the display is found and read when one comes in, and read again whenever its frame moves. */
import { readingFailed } from "./sentences.js";
import { spoken } from "./verdict.js";
import { ResultView } from "./view.js";

/** @typedef {import("./reader.js").Reader} Reader */
/** @typedef {import("./reader.js").Learned} Learned */
/** @typedef {import("./crop.js").Place} Place */
/** @typedef {import("./sense/sense.js").Sense} Sense */

export class Results {
  /** @type {Set<Item>} */
  #items = new Set();
  /** @type {((reader: Reader) => void) | undefined} */
  #arrive;
  /** @type {Promise<Reader>} */
  #reader = new Promise((resolve) => (this.#arrive = resolve));
  /** @type {Promise<unknown>} */
  #read = Promise.resolve();
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

  /** Settled when all pictures that have come so far are read, or cannot be. */
  async rest() {
    await this.#read;
  }

  /** From now on readings are compared with their meter's past. @param {Sense} sense */
  understand(sense) {
    this.sense = sense;
    for (const item of this.#items) void item.join(sense);
  }

  /**
   * @param {{file: Blob, name: () => string, box?: Place}[]} pictures shown in this order, above the earlier ones; the
   *   display is looked for where its box (or outline) is not given
   */
  add(pictures) {
    const items = pictures.map(({ file, name, box = null }) => new Item(this, file, name, box));
    for (const item of items) this.#items.add(item);
    this.list.prepend(...items.map((item) => item.view.element));
    this.onCount();
    const read = items.map((item) => (item.place ? item.read(item.place) : item.find()));
    this.#read = Promise.all([this.#read, ...read]);
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
  /** Whether the finder, and not a person, has placed the outline. */
  #found = false;
  /** @type {import("./reader.js").Reading | null} */
  #reading = null;
  /** @type {import("./sense/keep.js").Keep | null} */
  #keep = null;
  #latest = new AbortController();

  /** @param {Results} results @param {Blob} file @param {() => string} name @param {Place} place */
  constructor(results, file, name, place) {
    this.results = results;
    this.file = this.original = file;
    this.place = place;
    this.view = new ResultView(name, {
      onPlace: (changed) => void this.read(changed),
      onFind: () => void this.find(),
      onTurn: () => void this.turn(),
      onRemove: () => results.remove(this),
    });
    if (results.sense) void this.join(results.sense);
  }

  /** @param {Sense} sense */
  async join(sense) {
    const picture = () => {
      const { file, place } = this;
      return Array.isArray(place) ? { file, box: null, corners: place } : { file, box: place, corners: null };
    };
    const keep = (this.#keep = sense.join({
      original: this.original,
      picture,
      onVerdict: () => this.#show(),
      onLearned: () => void this.#again(),
    }));
    this.view.attach(keep.view.element);
    if (!this.#reading) return;
    await keep.use(this.#reading);
    this.#show();
    if (await keep.learned()) await this.#again();
  }

  leave() {
    if (this.#keep) this.results.sense?.leave(this.#keep);
    this.view.remove();
  }

  /** Reads the picture in a frame or an outline. @param {Place} place */
  async read(place) {
    this.place = place;
    this.#found = false;
    const where = Array.isArray(place) ? { corners: place } : { box: place };
    await this.#readBy((reader, options) => reader.read(this.file, { ...where, ...options }));
  }

  /** Finds the display in the picture and reads it. */
  async find() {
    await this.#readBy(async (reader, options) => {
      const reading = await reader.readPhoto(this.file, options);
      if (options.signal.aborted) return reading;
      this.#found = true;
      this.view.showPlace((this.place = reading.corners));
      return reading;
    });
  }

  /**
   * A newer call makes an older one void.
   *
   * @param {(reader: Reader, options: {signal: AbortSignal, learned: Learned | null}) =>
   *   Promise<import("./reader.js").Reading>} ask
   */
  async #readBy(ask) {
    this.#latest.abort();
    const latest = (this.#latest = new AbortController());
    try {
      const reader = await this.results.reader();
      if (!this.#shown) this.view.show({ state: "reading" });
      const read = (/** @type {Learned | null} */ learned) => ask(reader, { signal: latest.signal, learned });
      const reading = await (this.#keep ? this.#keep.read(read) : read(null));
      await this.#showPicture(reader.canFind);
      if (latest.signal.aborted) return;
      this.#reading = reading;
      await this.#keep?.use(reading);
      if (latest.signal.aborted) return;
      this.#show();
      this.results.announce(spoken(reading, this.#keep?.verdict ?? null));
    } catch (error) {
      if (!latest.signal.aborted) this.view.show({ state: "error", sentence: () => readingFailed(error) });
    }
  }

  /** Reads the picture where it was read. What was found is found anew: its doubt belongs to how it was found. */
  async #again() {
    await (this.place && !this.#found ? this.read(this.place) : this.find());
  }

  async turn() {
    this.file = await turned(this.file);
    this.#shown = false;
    await this.find();
  }

  #show() {
    const [reading, keep] = [this.#reading, this.#keep];
    if (!reading) return;
    this.view.show({
      state: "read",
      reading,
      verdict: keep?.verdict ?? null,
      stayed: keep?.courier.stayed ?? "everything",
    });
  }

  /** @param {boolean} canFind whether the display can be looked for again */
  async #showPicture(canFind) {
    if (this.#shown) return;
    this.#shown = true;
    await this.view.showPicture(this.file, this.place, canFind);
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
