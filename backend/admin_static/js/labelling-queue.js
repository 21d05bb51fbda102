/** The pictures that this person has, and what the server is told about them. */

import { changeHeaders } from "./panel.js";

const AHEAD = 3; // with fewer pictures ahead, more are asked for
const RENEWED_MS = 60_000; // leases last five minutes

/**
 * @typedef {{ id: number, image: string, width: number, height: number, box: number[] | null, value: string,
 *   doubtful: number[], confidences: (number | null)[], confidence: number | null, version: string | null,
 *   state: string, meter: string, digits: number | null, unit: string, group: string, source: string }} Card
 * @typedef {{ all: number, others: number, skipped: number }} Waiting
 * @typedef {{ next: string, answer: string, undo: string, back: string, skipped: string }} Addresses
 */

/**
 * Whether a picture waits for a label; one that was answered before may be shown again.
 * @param {Card} card
 */
export const waits = (card) => card.state === "new" || card.state === "proposed";

/** An answer of the server that says no, in its own sentence; status 0 when there was none. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Queue {
  /**
   * @param {Addresses} addresses
   * @param {() => void} changed called when pictures came or went by themselves
   */
  constructor(addresses, changed) {
    this.addresses = addresses;
    this.changed = changed;
    /** @type {Card[]} */
    this.cards = [];
    /** @type {Waiting} */
    this.waiting = { all: 0, others: 0, skipped: 0 };
    this.counted = 0;
    /** Pictures kept loaded. @type {Map<number, HTMLImageElement>} */
    this.loaded = new Map();
    /** Answered while pictures were asked for, which may still name them. @type {Set<number>} */
    this.answered = new Set();
    /** @type {Promise<void> | null} */
    this.asking = null;
    /** Answers that are being saved: whether the server has counted them is not known. */
    this.saving = 0;
    /** Whether `waiting` was counted while an answer was being saved. */
    this.uncertain = false;
    setInterval(() => this.renew(), RENEWED_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.renew());
  }

  /** Ask for pictures; at most one request at a time. */
  fill() {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  async ask() {
    this.answered.clear();
    const answer = await this.send(this.addresses.next, {});
    /** @type {Card[]} */
    const cards = answer.cards.filter((/** @type {Card} */ { id }) => !this.answered.has(id));
    const [first] = this.cards;
    // What is shown stays first, unless somebody else has it by now.
    const stays = first && (!waits(first) || cards.some(({ id }) => id === first.id));
    this.cards = stays ? [first, ...cards.filter(({ id }) => id !== first.id)] : cards;
    this.uncertain = this.saving > 0 || this.answered.size > 0;
    if (!this.uncertain) {
      this.waiting = answer.waiting;
      this.counted = answer.counted;
    }
    this.load();
    this.changed();
    if (this.uncertain && !this.saving) await this.ask();
  }

  /** Keep what this person has; what somebody else has by now goes. */
  renew() {
    if (this.cards.length) this.fill().catch(() => undefined); // the next answer says what is wrong
  }

  /** Load the pictures ahead. */
  load() {
    const wanted = new Map(this.cards.map(({ id, image }) => [id, image]));
    for (const id of this.loaded.keys()) if (!wanted.has(id)) this.loaded.delete(id);
    for (const [id, address] of wanted) {
      if (this.loaded.has(id)) continue;
      const picture = new Image();
      picture.src = address;
      this.loaded.set(id, picture);
    }
  }

  /**
   * Answer the first picture; on return it is saved.
   * @param {Card} card
   * @param {string} kind
   * @param {string | null} value
   * @param {string} key
   */
  async answer(card, kind, value, key) {
    this.saving += 1;
    try {
      await this.send(this.addresses.answer, { id: card.id, kind, value, key });
    } finally {
      this.saving -= 1;
    }
    this.drop(card);
  }

  /** @param {Card} card */
  drop(card) {
    if (waits(card) && this.waiting.all && this.waiting.all <= this.counted) this.waiting.all -= 1;
    this.answered.add(card.id);
    this.cards = this.cards.filter(({ id }) => id !== card.id);
    if (this.cards.length <= AHEAD || this.uncertain) this.fill().catch(() => undefined);
  }

  /**
   * Show a picture before all others, once more.
   * @param {Card} card
   */
  putFirst(card) {
    this.answered.delete(card.id);
    this.cards = [card, ...this.cards.filter(({ id }) => id !== card.id)];
    this.load();
  }

  /**
   * Send a change. It is finished by the browser even when the page is closed meanwhile.
   * @param {string} address
   * @param {object} body
   * @returns {Promise<any>}
   */
  async send(address, body) {
    let response;
    try {
      response = await fetch(address, {
        method: "POST",
        keepalive: true,
        headers: { ...changeHeaders(), "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    } catch {
      throw new Refusal(0, "");
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refusal(response.status, answer.error?.message ?? `${response.status}`);
    return answer;
  }
}
