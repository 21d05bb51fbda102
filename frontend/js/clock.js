/**
 * A time by this device's clock, in the form of ISO 8601 without a zone.
 *
 * @param {number} time milliseconds since 1970
 * @returns {string} such as 2026-11-21T14:30:05
 */
export function wallClock(time) {
  const date = new Date(time);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = [String(date.getFullYear()).padStart(4, "0"), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** The same to the minute, as a `datetime-local` input wants it. @param {number} time milliseconds since 1970 */
export function minuteOf(time) {
  return wallClock(time).slice(0, 16);
}
