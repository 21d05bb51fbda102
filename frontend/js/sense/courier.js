/** One card's correction on its way to the server, and what there is to say of it. */
import { t } from "../i18n.js";
import { notKept } from "../why.js";
import { handOver, outbox, takeBack } from "./outbox.js";

const SLOW_MS = 1000; // what takes longer says that it goes on

export class Courier {
  /** The id of the correction that was handed over. */
  #id = "";
  /** Whether that has left the device. @type {import("../feedback.js").Left} */
  #left = "no";
  /** Whether one before it has. @type {import("../feedback.js").Left} */
  #earlier = "no";
  /** What became of it, in the page's language. @type {() => string} */
  status = () => "";
  #onStatus;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #slow;

  /** @param {import("./sense.js").Sense} sense @param {string} of what is corrected @param {() => void} onStatus */
  constructor(sense, of, onStatus) {
    this.of = of;
    this.#onStatus = onStatus;
    const end = outbox.onNews((news) => {
      if (news.id !== this.#id) return;
      this.#left = likelier(this.#left, news.left);
      if (news.message) console.info(news.message); // the server's own words, in its language
      this.#say(news.outcome === "absent" && !sense.firstAbsence ? null : news.outcome);
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
    this.status = () => "";
  }

  /** @param {import("../feedback.js").Outcome | "sending" | null} outcome null where it is known already */
  #say(outcome) {
    this.hush();
    if (outcome) this.status = () => t(`fix_${outcome}`);
    this.#onStatus();
  }

  /** Takes back what has not been sent: it no longer holds. */
  async takeBack() {
    this.hush();
    await takeBack(this.of).catch(() => undefined);
    this.#id = "";
    this.#earlier = likelier(this.#left, this.#earlier);
    this.#left = "no";
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
    if (this.#id) this.#slow = setTimeout(() => this.#say("sending"), SLOW_MS);
  }
}

/** @typedef {import("../feedback.js").Left} Left */

/** @param {Left} one @param {Left} other @returns {Left} */
function likelier(one, other) {
  if (one === "yes" || other === "yes") return "yes";
  return one === "no" ? other : one;
}
