/** What a person says of a card's picture, sent where corrections may be; where nobody has said so, it is asked. */
import { consent } from "../consent.js";
import { isFramed } from "./pictures.js";
import { isSame } from "./words.js";

/** @typedef {import("../reader.js").Reading} Reading */

export class Sending {
  asking = false;

  /** @param {import("./courier.js").Courier} courier @param {() => import("./pictures.js").Photo} picture */
  constructor(courier, picture) {
    this.courier = courier;
    this.picture = picture;
  }

  /**
   * Takes back what was said before: it no longer holds.
   *
   * @param {Reading} reading @param {string} said
   * @throws {import("../store.js").StoreError}
   */
  async give(reading, said) {
    await this.courier.takeBack();
    const isNews = !isSame(said, reading.text) && (await isFramed(this.picture()));
    this.asking = isNews && consent() === null;
    if (isNews && consent() === "yes") await this.courier.send(this.picture(), reading, said);
  }

  /**
   * The question was answered, in this card or in another one.
   *
   * @param {Reading} reading @param {string} said
   * @throws {import("../store.js").StoreError}
   */
  async answer(reading, said) {
    if (!this.asking) return;
    this.asking = false;
    if (consent() === "yes") await this.courier.send(this.picture(), reading, said);
  }
}
