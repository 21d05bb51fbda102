/** One card's correction on its way to the server, and what there is to say of it. */
import { t } from "../i18n.js";
import { handOver, outbox, takeBack } from "./outbox.js";

export class Courier {
  /** The id of the correction that was handed over. */
  #id = "";
  /** Whether a correction of this card has left the device. */
  sent = false;
  /** What became of it, in the page's language. @type {() => string} */
  status = () => "";

  /** @param {import("./sense.js").Sense} sense @param {string} of what is corrected @param {() => void} onStatus */
  constructor(sense, of, onStatus) {
    this.of = of;
    this.end = outbox.onNews((news) => {
      if (news.id !== this.#id) return;
      this.sent ||= news.outcome === "sent";
      if (news.outcome === "absent" && !sense.firstAbsence) return;
      if (news.message) console.info(news.message); // the server's own words, in its language
      this.status = () => t(`fix_${news.outcome}`);
      onStatus();
    });
  }

  /** Takes back what has not been sent: it no longer holds. */
  async takeBack() {
    this.status = () => "";
    await takeBack(this.of).catch(() => undefined);
    this.#id = "";
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
  }
}
