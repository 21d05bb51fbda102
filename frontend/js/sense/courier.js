/** One card's correction on its way to the server, and what there is to say of it. */
import { consent } from "../consent.js";
import { t } from "../i18n.js";
import { notKept } from "../why.js";
import { handOver, outbox, takeBack } from "./outbox.js";

const SLOW_MS = 1000; // what takes longer says that it goes on

export class Courier {
  /** The id of the correction that was handed over. */
  #id = "";
  /** The ids of those before it, of which one may be on its way still. @type {Set<string>} */
  #former = new Set();
  /** Whether that has left the device. @type {import("../feedback.js").Left} */
  #left = "no";
  /** Whether one before it has. @type {import("../feedback.js").Left} */
  #earlier = "no";
  /** What became of it, in the page's language. @type {() => string} */
  status = () => "";
  /** Whether that says that it is sent, or will be. */
  #promises = false;
  #onStatus;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #slow;

  /** @param {import("./sense.js").Sense} sense @param {string} of what is corrected @param {() => void} onStatus */
  constructor(sense, of, onStatus) {
    this.of = of;
    this.#onStatus = onStatus;
    const end = outbox.onNews((news) => {
      if (this.#former.has(news.id)) return this.#hearOfFormer(news.left);
      if (news.id !== this.#id) return;
      this.#left = likelier(this.#left, news.left);
      if (news.message) console.info(news.message); // the server's own words, in its language
      const isVoid = news.outcome === "waiting" && consent() !== "yes"; // its consent was withdrawn meanwhile
      this.#say(isVoid || (news.outcome === "absent" && !sense.firstAbsence) ? null : news.outcome);
    });
    this.end = () => {
      clearTimeout(this.#slow);
      end();
    };
  }

  /** What of this card stayed on the device: the name of a text. @returns {import("../i18n.js").TextName} */
  get stayed() {
    if (this.#left === "no" && this.#earlier === "yes") return "sense_all_but_earlier";
    const left = likelier(this.#left, this.#earlier);
    return left === "no" ? "everything" : left === "yes" ? "sense_all_but" : "sense_all_but_perhaps";
  }

  /** Says nothing any more of what was on its way. */
  hush() {
    clearTimeout(this.#slow);
    this.#promises = false;
    this.status = () => "";
  }

  /** Promises nothing any more where consent was withdrawn; what is done stays said. */
  heedConsent() {
    if (consent() === "yes") return;
    clearTimeout(this.#slow);
    if (this.#promises) this.#say(null);
  }

  /** It holds no longer, so only that it has left is told. @param {Left} left */
  #hearOfFormer(left) {
    this.#earlier = likelier(this.#earlier, left);
    this.#onStatus();
  }

  /** @param {import("../feedback.js").Outcome | "sending" | null} outcome null where it is known already */
  #say(outcome) {
    this.hush();
    if (outcome) this.status = () => t(`fix_${outcome}`);
    this.#promises = outcome === "sending" || outcome === "waiting";
    this.#onStatus();
  }

  /** Takes back what has not been sent: it no longer holds. */
  async takeBack() {
    this.hush();
    if (this.#id) this.#former.add(this.#id);
    this.#id = "";
    this.#earlier = likelier(this.#left, this.#earlier);
    this.#left = "no";
    await takeBack(this.of).catch(() => undefined);
  }

  /** Says that a correction could not even be kept to be sent. @param {unknown} error of the store */
  fail(error) {
    this.hush();
    this.status = () => `${t("fix_unsent")} ${notKept(error)}`;
  }

  /**
   * Hands a correction over.
   *
   * @param {import("./pictures.js").Photo} photo
   * @param {import("../reader.js").Reading} reading what was read in it
   * @param {string} value what a person says that it shows
   * @throws {import("../store.js").StoreError}
   */
  async send(photo, { text, confidence, model, version, learned }, value) {
    const read = { text, confidence, version: `${model}/${version}`, learned };
    this.#id = await handOver(this.of, photo, read, value);
    clearTimeout(this.#slow);
    if (this.#id) this.#slow = setTimeout(() => this.#goOn(), SLOW_MS);
  }

  /** It takes long: with a network, part of it may be there already. */
  #goOn() {
    if (navigator.onLine) this.#left = likelier(this.#left, "perhaps");
    this.#say("sending");
  }
}

/** @typedef {import("../feedback.js").Left} Left */

/** @param {Left} one @param {Left} other @returns {Left} */
function likelier(one, other) {
  if (one === "yes" || other === "yes") return "yes";
  return one === "no" ? other : one;
}
