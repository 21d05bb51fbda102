/** The part of a card that knows the meter: comparing a reading with its past, keeping it, correcting it, sending that. */
import { setConsent } from "../consent.js";
import { t } from "../i18n.js";
import { readKnowing } from "../learn/known.js";
import { newId, removeReading, saveMeter, saveReading } from "../store.js";
import { timeOf } from "../taken.js";
import { notKept } from "../why.js";
import { Courier } from "./courier.js";
import { misfit, verdictOf, wordOf } from "./explain.js";
import { KeepView } from "./keep_view.js";
import { holds, inForm } from "./observation.js";
import { propose } from "./propose.js";
import { recordOf } from "./record.js";
import { Sending } from "./sending.js";
import { Turns } from "./turns.js";

/**
 * @typedef {import("../store.js").Meter} Meter
 * @typedef {import("../reader.js").Reading} Reading
 * @typedef {object} Card
 * @property {Blob} original the picture as it came, which says when it was taken
 * @property {() => import("./pictures.js").Photo} picture as it is, and where its display is
 * @property {() => void} onVerdict called when `verdict` may have changed
 * @property {() => void} onLearned called when the picture is to be read anew, by what was learned about another meter
 */

export class Keep {
  /** @type {Meter | null} */
  #meter;
  /** The newest choice that waits for its turn. @type {Meter | null | undefined} */
  #next;
  /** Changes of what is below, and of what is kept of it. */
  #turns = new Turns();
  /** @type {Reading | null} */
  #reading = null;
  /** When the picture was taken; 0 as long as its file was not asked. */
  #time = 0;
  /** What a person says that the display shows, as it was said: each meter has its own form of it. @type {string | null} */
  #said = null;
  /** @type {import("./propose.js").Proposal | null} */
  #proposal = null;
  #id = newId();
  #saved = false;
  /** Whether what a person has said is to be kept, once there is a meter to keep it with. */
  #keeping = false;
  #sending;
  /** @type {() => string} */
  #status = () => "";

  /** @param {import("./sense.js").Sense} sense @param {Card} card */
  constructor(sense, card) {
    this.sense = sense;
    this.card = card;
    this.#meter = sense.chosen;
    /** Whether it may as well be another one. */
    this.supposed = sense.supposed;
    this.courier = new Courier(sense, this.#id, () => {
      this.view.show(this.#state());
      card.onVerdict();
    });
    this.#sending = new Sending(this.courier, card.picture);
    this.view = new KeepView({
      onChoose: (meter) => void this.#chooseNext(meter),
      onAdd: (meter) => this.#turns.take(() => this.#add(meter)),
      format: () => ({ digits: this.#reading?.digits.length ?? 0, decimals: this.#reading?.decimals ?? 0 }),
      onSave: () => void this.#turns.take(() => this.#save()),
      onUndo: () => void this.#turns.take(() => this.#undo()),
      onTime: (time) => void this.#turns.take(() => this.#retime(time)),
      toFix: () => ({ text: this.#shown(), fixed: this.#meter !== null && this.#fits }),
      onFixed: (text) => void this.#turns.take(() => this.#correct(text)),
      onConsent: setConsent, // all cards that ask hear of it
    });
  }

  /** @returns {import("../verdict.js").Verdict | null} null where the picture alone counts */
  get verdict() {
    const [meter, proposal, text] = [this.#meter, this.#proposal, this.#said];
    if (meter && proposal) return verdictOf(meter, proposal, this.#time, this.#reading?.learned ?? false);
    return text === null ? null : wordOf(text, meter);
  }

  /** Whether the chosen meter can show what a person says: nothing cut is compared, nor kept. */
  get #fits() {
    return this.#meter === null || this.#said === null || holds(this.#meter, this.#said);
  }

  end() {
    this.courier.end();
  }

  /** What this device has learned about the chosen meter. @returns {Promise<import("../reader.js").Learned | null>} */
  async learned() {
    return this.#meter && this.sense.learnedOf(this.#meter.id);
  }

  /**
   * Reads with what was learned about the chosen meter.
   *
   * @param {(learned: import("../reader.js").Learned | null) => Promise<Reading>} read
   */
  async read(read) {
    return readKnowing(read, await this.learned(), this.supposed);
  }

  /** Takes a new reading of the picture: what was said of the one before no longer holds. @param {Reading} reading */
  use(reading) {
    return this.#turns.take(() => this.#use(reading));
  }

  /** Looks again at the store, which has changed. */
  refresh() {
    return this.#turns.take(() => this.#refresh());
  }

  /** The question of consent was answered, here or in another card. */
  answered() {
    return this.#turns.take(() => this.#answer());
  }

  /** Draws all anew, in the page's language. */
  translate() {
    this.view.render(this.#state());
  }

  /** @param {Reading} reading */
  async #use(reading) {
    this.#time ||= await timeOf(this.card.original);
    this.#reading = reading;
    this.#said = null;
    this.#saved = this.#keeping = this.#sending.asking = false;
    this.#status = () => "";
    this.courier.hush();
    this.view.closeFix();
    await this.#judge();
  }

  async #refresh() {
    this.#meter = this.sense.meters?.find(({ id }) => id === this.#meter?.id) ?? null;
    const readings = await this.#readings();
    if (this.#saved && !readings.some(({ id }) => id === this.#id)) this.#saved = false;
    await this.#judge();
    this.card.onVerdict();
  }

  async #answer() {
    this.courier.heedConsent();
    await this.#send((reading, said) => this.#sending.answer(reading, said));
  }

  /** What counts now, which is what a person finds in the drums to correct. */
  #shown() {
    const text = this.verdict?.text ?? /** @type {Reading} */ (this.#reading).text;
    return this.#meter && this.#fits ? inForm(this.#meter, text) : text;
  }

  async #readings() {
    return this.#meter ? this.sense.readingsOf(this.#meter.id).catch(() => []) : [];
  }

  /** What is saved stays as it was saved. */
  async #judge() {
    const reading = this.#reading;
    const readings = (await this.#readings()).filter(({ id }) => id !== this.#id);
    if (!this.#saved) {
      const readable = reading && this.#fits && (reading.reason !== "no_display" || this.#said !== null);
      const now = { time: this.#time, corrected: this.#said };
      this.#proposal = this.#meter && readable ? propose(this.#meter, readings, { ...now, reading }) : null;
    }
    this.view.show(this.#state());
  }

  /** @returns {import("./keep_view.js").Shown} */
  #state() {
    const unsaved = this.#proposal?.accepted ? "save" : "save_doubtful";
    return {
      meters: this.sense.meters,
      meter: this.#next === undefined ? this.#meter : this.#next,
      time: this.#time,
      save: this.#proposal && (this.#saved ? "saved" : unsaved),
      blank: this.#reading?.reason === "no_display" && this.#said === null,
      status: this.#status(),
      news: this.courier.status(),
      asking: this.#sending.asking,
    };
  }

  /** Whoever walks through the list means the meter that it ends at. @param {Meter | null} meter */
  #chooseNext(meter) {
    this.#next = meter;
    return this.#turns.take(async () => {
      if (this.#next !== meter) return; // another choice waits
      this.#next = undefined;
      await this.#choose(meter);
    });
  }

  /** @param {Meter | null} meter */
  async #choose(meter) {
    if (this.#saved) await removeReading(this.#id).catch(() => undefined); // it is of another meter, then
    this.#saved = false;
    this.#meter = meter;
    this.supposed = false;
    this.sense.lastUsed = meter?.id ?? "";
    this.#status = () => "";
    await this.#judge();
    this.card.onVerdict();
    if (this.#said !== null && this.#keeping) await this.#keepCorrection(this.#said);
    if (this.#said === null && (this.#reading?.learned || (await this.learned()))) this.card.onLearned();
  }

  /** @param {Meter} meter a new one */
  async #add(meter) {
    try {
      await saveMeter(meter);
    } catch (error) {
      this.#say(() => notKept(error));
      return false;
    }
    await this.#choose(meter);
    return true;
  }

  /** @param {number} time as typed; an empty field gives NaN */
  async #retime(time) {
    if (Number.isFinite(time)) this.#time = Math.min(time, Date.now());
    const again = this.#saved;
    this.#saved = false;
    await this.#judge();
    if (again) await this.#save();
    this.card.onVerdict();
  }

  async #save() {
    const [meter, proposal, reading] = [this.#meter, this.#proposal, this.#reading];
    if (!meter || !proposal || !reading) return;
    const taken = { id: this.#id, time: this.#time, photo: this.card.picture() };
    try {
      await saveReading(await recordOf(taken, meter, reading, proposal));
    } catch (error) {
      return this.#say(() => notKept(error));
    }
    this.#saved = true;
    this.#say(() => t(proposal.accepted ? "sense_saved" : "sense_saved_doubtful", { meter: meter.name }));
  }

  /** Keeps what a person has said, if there is a meter for it whose form does not change it. @param {string} said */
  async #keepCorrection(said) {
    const meter = this.#meter;
    if (!meter) return this.#say(() => t(this.sense.meters ? "fix_unkept" : "fix_nowhere"));
    if (holds(meter, said)) return this.#save();
    this.sense.announce(misfit(meter, said)); // the card shows it beside what was said
    this.#say(() => "");
  }

  async #undo() {
    try {
      await removeReading(this.#id);
    } catch (error) {
      return this.#say(() => notKept(error));
    }
    this.#saved = this.#keeping = false;
    this.#say(() => t("sense_undone"));
  }

  /** @param {string} text what a person says that the display shows */
  async #correct(text) {
    this.#said = text;
    this.#saved = false;
    this.#keeping = true;
    this.view.closeFix();
    await this.#judge();
    this.card.onVerdict();
    await this.#keepCorrection(text);
    if (this.sense.meters) await this.#send((reading, said) => this.#sending.give(reading, said)); // else nothing can wait
  }

  /** @param {(reading: Reading, said: string) => Promise<void>} work */
  async #send(work) {
    const [reading, said] = [this.#reading, this.#said];
    if (!reading || said === null) return;
    await work(reading, said).catch((error) => this.courier.fail(error));
    this.view.show(this.#state());
    this.card.onVerdict(); // what was taken back may have left before
  }

  /** @param {() => string} sentence in the page's language */
  #say(sentence) {
    this.#status = sentence;
    this.view.show(this.#state());
  }
}
