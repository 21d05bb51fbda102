/** The part of a meter's page where the device learns the meter: what it takes, how far it is, what came of it. */
import { element } from "../dom.js";
import { dateLocale, t } from "../i18n.js";
import { keyButton } from "../meters/list.js";
import { learningFailed } from "../sentences.js";
import { StoreError } from "../stored.js";
import { notKept } from "../why.js";
import { chooseExamples, ENOUGH } from "./choose.js";
import { getLesson, putLesson, removeLesson } from "./lessons.js";
import { modelInUse, teach } from "./teach.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("../stored.js").Lesson} Lesson
 */

export class LessonPanel {
  #element = element("section", { className: "learn", hidden: true });
  #status = element("p", { className: "learn-status", role: "status", tabIndex: -1 });
  #bar = element("progress", { max: 1 });
  /** What came of the last thing that was done. @type {() => string} */
  #told = () => "";
  /** @type {{meter: Meter} & ReturnType<typeof chooseExamples> | null} */
  #shown = null;
  /** @type {Lesson | null} */
  #lesson = null;
  /** The key of the examples with which learning did not help: with the same it is not tried again. */
  #vain = "";
  /** While learning. @type {AbortController | null} */
  #work = null;

  /** @param {Meter} meter @param {StoredReading[]} readings oldest first @returns {Node} */
  draw(meter, readings) {
    this.#shown = { meter, ...chooseExamples(meter, readings) };
    if (this.#vain && !this.#isVain) this.#startOver();
    this.#render();
    void this.#look();
    return this.#element;
  }

  get #isVain() {
    return this.#vain !== "" && this.#vain === this.#shown?.key;
  }

  /** There is something else to learn from than when it did not help. */
  #startOver() {
    this.#vain = "";
    this.#told = () => "";
  }

  /** Stops learning. */
  release() {
    this.#work?.abort();
  }

  /** Looks what was learned; for a model that reads no longer it is of no use. */
  async #look() {
    if (!this.#shown) return;
    const { meter } = this.#shown;
    this.#lesson = (await getLesson(meter.id).catch(() => null)) ?? null;
    const model = this.#lesson && (await modelInUse());
    if (model && this.#lesson && this.#lesson.learned.model !== model) {
      this.#told = () => t("learn_outdated");
      await removeLesson(meter.id).catch(() => undefined); // which draws again
      this.#lesson = null;
    }
    this.#render();
  }

  async #learn() {
    if (!this.#shown || this.#work) return;
    const { meter, examples, key } = this.#shown;
    const work = (this.#work = new AbortController());
    this.#say(() => t("learn_loading"));
    this.#bar.removeAttribute("value");
    try {
      const { learned, worth } = await teach(examples, (done) => this.#advance(done), work.signal);
      this.#vain = worth.better ? "" : key;
      if (worth.better) await putLesson({ meter: meter.id, learned, worth, time: Date.now() });
      this.#told = worth.better
        ? () => ""
        : () => t(worth.intact ? "learn_not_better" : "learn_not_intact", counts(worth));
    } catch (error) {
      this.#told = work.signal.aborted ? () => "" : whyNot(error);
    }
    this.#work = null;
    await this.#look();
  }

  /** @param {number} done 0 to 1 */
  #advance(done) {
    this.#bar.value = done;
    if (this.#told() !== t("learn_working")) this.#say(() => t("learn_working"));
  }

  async #forget() {
    if (!this.#shown) return;
    this.#told = () => t("learn_forgotten");
    await removeLesson(this.#shown.meter.id).catch((error) => (this.#told = whyNot(error)));
    await this.#look();
  }

  /** @param {() => string} sentence in the page's language */
  #say(sentence) {
    this.#told = sentence;
    this.#render();
  }

  #render() {
    const { corrections = 0 } = this.#shown ?? {};
    const focused = this.#element.contains(document.activeElement);
    this.#element.hidden = !corrections && !this.#lesson && !this.#told();
    this.#status.textContent = this.#told();
    this.#bar.setAttribute("aria-label", t("learn_working"));
    this.#element.replaceChildren(
      element("h3", {}, t("learn_title")),
      ...this.#words(corrections),
      this.#status,
      ...(this.#isVain && !this.#work ? [element("p", {}, t("learn_more"))] : []),
      element("div", { className: "buttons" }, ...this.#buttons(corrections)),
    );
    if (focused) (this.#element.querySelector("button") ?? this.#status).focus({ preventScroll: true });
  }

  /** @param {number} corrections @returns {Node[]} */
  #words(corrections) {
    if (this.#work) return [this.#bar];
    if (this.#lesson) {
      const date = new Date(this.#lesson.time).toLocaleDateString(dateLocale(), { dateStyle: "medium" });
      return [element("p", {}, t("learn_kept", { date, ...counts(this.#lesson.worth) }))];
    }
    if (this.#isVain) return [];
    const enough = corrections >= ENOUGH;
    return [element("p", {}, t(enough ? "learn_offer" : "learn_few", { number: corrections, enough: ENOUGH }))];
  }

  /** @param {number} corrections @returns {Node[]} */
  #buttons(corrections) {
    if (this.#work) return [keyButton("learn-stop", t("learn_stop"), () => this.#work?.abort())];
    const learn = keyButton("learn", t(this.#lesson ? "learn_again" : "learn"), () => void this.#learn());
    const forget = keyButton("learn-undo", t("learn_undo"), () => void this.#forget());
    return [...(corrections >= ENOUGH && !this.#isVain ? [learn] : []), ...(this.#lesson ? [forget] : [])];
  }
}

/** @param {import("./learner.js").Worth} worth */
function counts({ pictures, before, after }) {
  return { pictures, before, after };
}

/** @param {unknown} error @returns {() => string} */
function whyNot(error) {
  if (/** @type {{code?: string} | null} */ (error)?.code === "unlearnable") return () => t("learn_unlearnable");
  const sentence = error instanceof StoreError ? notKept : learningFailed;
  return () => t("learn_failed", { why: sentence(error) });
}
