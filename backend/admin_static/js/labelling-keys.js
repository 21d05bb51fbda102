/** What the keys of the labelling page stand for. */

/** By the key's place where it is a letter, so that every keyboard layout works. @type {Record<string, string>} */
const KEYS = {
  KeyU: "unreadable",
  KeyS: "skip",
  KeyB: "back",
  PageUp: "back",
  KeyZ: "undo",
  KeyX: "whole",
  KeyN: "doubtful",
  KeyC: "clear",
  KeyH: "help",
  Backspace: "erase",
  Delete: "remove",
  ArrowLeft: "left",
  ArrowRight: "right",
  Escape: "leave",
};

/**
 * What a key stands for: a digit, the point, or a command; undefined for any other key.
 * @param {KeyboardEvent} event
 * @returns {string | undefined}
 */
export function meaning({ key, code }) {
  if (/^[0-9]$/.test(key)) return key;
  if (key === "." || key === "," || ["Period", "Comma", "NumpadDecimal"].includes(code)) return ".";
  if (key === "Enter") return "accept";
  if (key === "?") return "help";
  if (key === "+" || key === "=") return "larger";
  if (key === "-") return "smaller";
  return KEYS[code];
}
