/** The labelling page: one picture after the other. The next one is shown when the answer has been saved. */

import { meaning } from "./labelling-keys.js";
import { Picture } from "./labelling-picture.js";
import { Queue, Refusal, waits } from "./labelling-queue.js";
import { Value } from "./labelling-value.js";
import { cells, facts, hint } from "./labelling-view.js";

const DONE = "labelled in this session";

/**
 * @typedef {import("./labelling-queue.js").Card} Card
 * @typedef {{ addresses: import("./labelling-queue.js").Addresses, texts: Record<string, string> }} Data
 */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
const find = (id) => /** @type {T} */ (/** @type {unknown} */ (document.getElementById(id)));

class Labelling {
  constructor() {
    /** @type {Data} */
    const { addresses, texts } = JSON.parse(find("labelling-data").textContent ?? "");
    this.addresses = addresses;
    this.texts = texts;
    this.queue = new Queue(addresses, () => this.refresh());
    this.picture = new Picture(find("stage"));
    /** @type {HTMLDialogElement} */
    this.help = find("help");
    /** @type {Card | null} */
    this.card = null;
    this.value = new Value("", []);
    /** The change that `back` stands at. @type {number | null} */
    this.place = null;
    /** The key of an answer; kept until the answer is saved, so that sending it twice saves it once. */
    this.key = "";
    this.busy = false;
    this.done = Number(sessionStorage.getItem(DONE)) || 0;
    this.shown = performance.now();
    document.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("click", (event) => this.click(event));
    this.act(() => this.queue.fill());
  }

  /** @type {Record<string, () => unknown>} */
  commands = {
    accept: () => this.accept(),
    unreadable: () => this.answer("unreadable", null, this.texts.unreadable),
    skip: () => (this.card && !waits(this.card) ? this.leave() : this.answer("skip", null, this.texts.skip)),
    back: () => this.back(),
    undo: () => this.undo(),
    skipped: () => this.act(() => this.queue.send(this.addresses.skipped, {}).then(() => this.queue.fill())),
    look: () => this.act(() => this.queue.fill()),
    help: () => this.help.showModal(),
    whole: () => this.picture.toggle(),
    larger: () => this.picture.scale(1.5),
    smaller: () => this.picture.scale(1 / 1.5),
    erase: () => this.edit((value) => value.erase()),
    remove: () => this.edit((value) => value.remove()),
    clear: () => this.edit((value) => value.clear()),
    left: () => this.edit((value) => value.moveTo(value.cursor - 1)),
    right: () => this.edit((value) => value.moveTo(value.cursor + 1)),
    doubtful: () => this.edit((value) => value.nextDoubtful()),
    leave: () => this.leave(),
  };

  /** @param {KeyboardEvent} event */
  press(event) {
    const command = event.ctrlKey || event.metaKey;
    if (event.altKey || this.help.open || (command && event.code !== "KeyZ")) return;
    const onControl = event.target instanceof Element && event.target.closest("a, button, input, summary");
    if (onControl && (event.key === "Enter" || event.key === " ")) return;
    const what = meaning(event);
    if (!what) return;
    event.preventDefault();
    if (!event.repeat || ["erase", "left", "right"].includes(what)) this.run(what);
  }

  /** @param {MouseEvent} event */
  click(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const { do: what, type, place } = button?.dataset ?? {};
    if (what ?? type) this.run(/** @type {string} */ (what ?? type));
    if (place !== undefined) this.edit((value) => value.moveTo(Number(place)));
    if (what ?? type ?? place) find("stage").focus({ preventScroll: true }); // Enter means the picture again
  }

  /** @param {string} what */
  run(what) {
    if (/^[0-9]$/.test(what)) this.edit((value) => value.type(what));
    else if (what === ".") this.edit((value) => value.point());
    else this.commands[what]?.();
  }

  /** @param {(value: Value) => void} change */
  edit(change) {
    if (!this.card || this.busy) return;
    change(this.value);
    this.draw();
  }

  accept() {
    if (!this.value.text) return this.say(this.texts.empty, "warn");
    const text = this.value.text;
    return this.answer("accept", text, this.texts.saved.replace("%s", text));
  }

  /**
   * @param {string} kind
   * @param {string | null} value
   * @param {string} saved what is said afterwards
   */
  answer(kind, value, saved) {
    return this.act(async () => {
      const { card } = this;
      if (!card) return;
      this.say(this.texts.saving);
      await this.queue.answer(card, kind, value, this.key);
      if (kind !== "skip" && waits(card)) this.count(1);
      this.say(saved, "good");
      if (!this.queue.cards.length) await this.queue.fill();
      this.refresh();
    });
  }

  back() {
    return this.act(async () => {
      const { card, change } = await this.queue.send(this.addresses.back, { before: this.place });
      if (!card) return this.say(this.texts.first);
      this.leaveQuietly();
      this.place = change;
      this.queue.putFirst(card);
      this.refresh();
      this.say(this.texts.again);
    });
  }

  undo() {
    return this.act(async () => {
      const { card } = await this.queue.send(this.addresses.undo, {});
      if (!card) return this.say(this.texts.nothing);
      this.leaveQuietly();
      if (waits(card)) this.count(-1);
      this.queue.putFirst(card);
      this.refresh();
      this.say(this.texts.undone, "good");
    });
  }

  /** Go on from a picture that was answered before. */
  leave() {
    this.leaveQuietly();
    this.refresh();
    this.say("");
  }

  leaveQuietly() {
    if (this.card && !waits(this.card)) this.queue.cards.shift();
    this.place = null;
  }

  /**
   * Do one thing with the server at a time; keys that come meanwhile are not meant for the next picture.
   * @param {() => Promise<unknown>} what
   */
  async act(what) {
    if (this.busy) return;
    this.busy = true;
    this.trouble("");
    try {
      await what();
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
    }
  }

  /** @param {unknown} error */
  failed(error) {
    if (!(error instanceof Refusal)) throw error;
    this.say("");
    const own = { 0: this.texts.offline, 401: this.texts.login }[error.status];
    this.trouble(own ?? error.message);
    if (error.status === 409 && this.card) {
      this.queue.drop(this.card);
      this.refresh();
    }
  }

  /** Show the first picture, if it is another one by now; or why there is none. */
  refresh() {
    const card = this.queue.cards[0] ?? null;
    if (card !== this.card && (card?.id !== this.card?.id || card?.state !== this.card?.state)) this.show(card);
    const { all, others, skipped } = this.queue.waiting;
    const text = all > this.queue.counted ? this.texts.more : this.texts.waiting;
    find("waiting").textContent = text.replace("%s", `${Math.min(all, this.queue.counted)}`);
    this.count(0);
    /** @type {HTMLInputElement} */
    const anything = find("anything");
    const reason = !anything.value ? "anything" : skipped ? "skipped" : others ? "others" : "left";
    find("looking").hidden = true;
    find("queue").toggleAttribute("hidden", !card);
    for (const name of ["anything", "left", "others", "skipped"])
      find(`nothing-${name}`).toggleAttribute("hidden", Boolean(card) || name !== reason);
  }

  /** @param {Card | null} card */
  show(card) {
    this.card = card;
    if (!card) return;
    this.key =
      crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");
    this.value = new Value(card.value, card.doubtful);
    if (waits(card)) this.place = null;
    this.picture.show(card);
    find("facts").textContent = facts(card, this.texts);
    this.draw();
    this.shown = performance.now();
  }

  draw() {
    find("value").replaceChildren(...cells(this.value, this.texts));
    find("hint").textContent = hint(this.value, this.card?.digits, this.texts);
  }

  /** @param {number} more */
  count(more) {
    this.done = Math.max(0, this.done + more);
    sessionStorage.setItem(DONE, `${this.done}`);
    find("done").textContent = this.texts.done.replace("%s", `${this.done}`);
  }

  /**
   * @param {string} text
   * @param {string} [kind]
   */
  say(text, kind = "") {
    find("status").textContent = text;
    find("status").className = `queue-status ${kind}`;
  }

  /** @param {string} text */
  trouble(text) {
    if (text) find("looking").hidden = true;
    find("trouble").textContent = text;
    find("trouble").toggleAttribute("hidden", !text);
  }
}

new Labelling();
