/** The value of a picture while it is edited: characters that are written over one by one, some of them doubtful. */

const MOST_DIGITS = 10;

/** @typedef {{ character: string, doubtful: boolean }} Character */

export class Value {
  /**
   * @param {string} text
   * @param {number[]} doubtful places of the characters to look at
   */
  constructor(text, doubtful) {
    /** @type {Character[]} */
    this.characters = [...text].map((character, place) => ({ character, doubtful: doubtful.includes(place) }));
    this.cursor = 0;
  }

  get text() {
    return this.characters.map(({ character }) => character).join("");
  }

  /** How many digits there are. */
  get digits() {
    return this.characters.filter(({ character }) => character !== ".").length;
  }

  /**
   * Write a digit over the one at the cursor, or behind the last one; the point stays where it is.
   * @param {string} digit
   */
  type(digit) {
    if (this.characters[this.cursor]?.character === ".") this.cursor += 1;
    const written = { character: digit, doubtful: false };
    if (this.cursor < this.characters.length) this.characters[this.cursor] = written;
    else if (this.digits < MOST_DIGITS) this.characters.push(written);
    else return;
    this.cursor += 1;
  }

  /** Put the point before the digit at the cursor, wherever it was. */
  point() {
    if (this.characters[this.cursor]?.character !== ".") {
      const old = this.characters.findIndex(({ character }) => character === ".");
      if (old >= 0) this.characters.splice(old, 1);
      if (old >= 0 && old < this.cursor) this.cursor -= 1;
      this.characters.splice(this.cursor, 0, { character: ".", doubtful: false });
    }
    this.cursor += 1;
  }

  /** Erase the character before the cursor. */
  erase() {
    if (this.cursor > 0) this.characters.splice(--this.cursor, 1);
  }

  /** Erase the character at the cursor. */
  remove() {
    this.characters.splice(this.cursor, 1);
  }

  clear() {
    this.characters = [];
    this.cursor = 0;
  }

  /** @param {number} place */
  moveTo(place) {
    this.cursor = Math.max(0, Math.min(place, this.characters.length));
  }

  /** Go to the next doubtful character, from the last one to the first one. */
  nextDoubtful() {
    const places = this.characters.flatMap(({ doubtful }, place) => (doubtful ? [place] : []));
    const next = places.find((place) => place > this.cursor) ?? places[0];
    if (next !== undefined) this.cursor = next;
  }
}
