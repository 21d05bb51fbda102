/** What common sense says of a reading, in sentences. */
import { format } from "../plausible.js";
import { asGiven, dateLocale, decimal, readingText, t, withUnit } from "../i18n.js";
import { clockDays, spanText } from "../meters/words.js";
import { unitsOf } from "./observation.js";

/**
 * @typedef {import("./propose.js").Proposal} Proposal
 * @typedef {import("../store.js").Meter} Meter
 * @typedef {{kind: string, text: string}} Remark `kind` names the sentence to programs
 */

/**
 * What is said of a reading in place of what the picture alone says.
 *
 * @param {Meter} meter @param {Proposal} proposal @param {number} time of the reading
 * @param {boolean} learned whether what was learned about the meter had a say
 * @returns {import("../verdict.js").Verdict}
 */
export function verdictOf(meter, proposal, time, learned) {
  const note = () => (learned ? [{ kind: "note", text: t("learn_used") }] : []);
  const remarks = () => [...explain(meter, proposal, time), ...note()];
  const doubt = () => t(doubtOf(proposal));
  return { ...proposal, decimals: meter.decimals, withPast: proposal.earlier > 0, remarks, doubt };
}

/**
 * What a person says, where no meter has it in its own form.
 *
 * @param {string} text @param {Meter | null} meter one that cannot show it
 * @returns {import("../verdict.js").Verdict}
 */
export function wordOf(text, meter) {
  const nothing = { decimals: 0, digits: [], withPast: false, doubt: () => "" };
  const remarks = () => (meter ? [{ kind: "misfit", text: misfit(meter, text) }] : []);
  return { ...nothing, text, accepted: true, corrected: true, probability: 1, remarks };
}

/** Why a meter cannot show what a person says. @param {Meter} meter @param {string} text */
export function misfit(meter, text) {
  return t("fix_misfit", { text: readingText(text), form: number(meter, 0) });
}

/** Whether the digits are in doubt, or what they say, or both: the name of a text. @param {Proposal} proposal */
function doubtOf({ tooLong, pointDenied, kind, earlier, text, seen, sure }) {
  const unlike = text === seen && (kind === "first" ? earlier > 0 : kind === "backwards" || kind === "jump");
  if (!tooLong && !pointDenied && !unlike) return "sense_untold";
  if (!sure) return "sense_doubtful";
  return tooLong || pointDenied ? "sense_unfit_meter" : "sense_unfit_past";
}

/** @param {Meter} meter @param {Proposal} proposal @param {number} time of the reading @returns {Remark[]} none to three */
export function explain(meter, proposal, time) {
  const remarks = [];
  if (proposal.tooLong) remarks.push({ kind: "too_long", text: tooLong(meter, proposal) });
  if (proposal.pointMoved) remarks.push({ kind: "changed_point", text: whyMoved(meter, proposal) });
  const bent = proposal.changed && proposal.text !== proposal.seen;
  if (bent) remarks.push({ kind: `changed_${proposal.kind}`, text: whyChanged(meter, proposal) });
  else if (!proposal.tooLong) remarks.push({ kind: proposal.kind, text: howItStands(meter, proposal, time) });
  return remarks;
}

/** @param {Meter} meter @param {Proposal} proposal */
function tooLong({ digits }, { read }) {
  return t("sense_too_long", { digits, read: readingText(read) });
}

/** What the meter's form made of the picture's own point. @param {Meter} meter @param {Proposal} proposal */
function whyMoved({ decimals }, { alone, seen, pointDenied }) {
  const shown = { alone: readingText(alone), seen: readingText(seen) };
  const moved = t(decimals ? "sense_changed_point" : "sense_changed_no_point", shown);
  return pointDenied ? `${moved} ${t("sense_point_denied")}` : moved;
}

/** @param {Meter} meter @param {Proposal} proposal */
function whyChanged(meter, { text, seen, kind, before, beforeTime }) {
  const shown = { alone: readingText(seen), text: readingText(text) };
  if (before === null || beforeTime === null) return t("sense_changed", shown);
  const known = { ...shown, before: number(meter, before), date: day(beforeTime) };
  if (kind === "backwards" || kind === "jump") return t(`sense_changed_${kind}`, known);
  return t("sense_changed_forward", known);
}

/** @param {Meter} meter @param {Proposal} proposal @param {number} time */
function howItStands(meter, { text, kind, before, beforeTime, earlier }, time) {
  if (before === null || beforeTime === null || kind === "first") return t(earlier ? "sense_unlike" : "sense_first");
  const values = 10 ** meter.digits;
  const more = unitsOf(meter, text) - before; // below zero where the last drum was read early the time before
  return t(`sense_${kind}`, {
    before: number(meter, before),
    date: day(beforeTime),
    used: amount(meter, kind === "rollover" ? more + values : Math.max(0, more)),
    last: number(meter, values - 1),
    most: withUnit(asGiven(meter.mostPerDay), meter.unit),
    span: spanText(clockDays(beforeTime, time)),
  });
}

/** A reading. @param {Meter} meter @param {number} value in units of the last drum */
function number(meter, value) {
  return readingText(format(meter, value));
}

/** How much was used, without leading zeros. @param {Meter} meter @param {number} value in units of the last drum */
function amount(meter, value) {
  return withUnit(decimal(value / 10 ** meter.decimals, meter.decimals), meter.unit);
}

/** The year and its abbreviation stay on one line. @param {number} time */
function day(time) {
  return new Date(time).toLocaleDateString(dateLocale(), { dateStyle: "long" }).replace(" г.", "\u00a0г.");
}
