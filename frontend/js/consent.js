/** Whether corrections may be sent: asked once, kept on this device, can be changed at any time. */

/** @typedef {"yes" | "no"} Consent */

const STORED = "send-corrections";
/** @type {Set<() => void>} */
const listeners = new Set();
/** Without storage the answer holds until the page is closed. @type {Consent | null} */
let answer = null;

/** @returns {Consent | null} null when nobody was asked yet */
export function consent() {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === "yes" || stored === "no" ? stored : answer;
  } catch {
    return answer;
  }
}

/** @param {Consent} given */
export function setConsent(given) {
  answer = given;
  try {
    localStorage.setItem(STORED, given);
  } catch {
    // It is kept in `answer`.
  }
  for (const listener of listeners) listener();
}

/** @param {() => void} listener called after each change, in other tabs too @returns {() => void} ends it */
export function onConsent(listener) {
  /** @param {StorageEvent} event */
  const heard = ({ key }) => void ((key === STORED || key === null) && listener());
  listeners.add(listener);
  addEventListener("storage", heard);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", heard);
  };
}
