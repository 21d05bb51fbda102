/** Learning from a page that does not read otherwise: a reader of its own, for as long as it takes. */

const MODELS = new URL("/static/model/", location.href);

/**
 * @param {import("./learner.js").Example[]} examples
 * @param {(done: number) => void} onDone told which part is done, 0 to 1
 * @param {AbortSignal} signal
 * @returns {ReturnType<import("../reader.js").Reader["learn"]>}
 */
export async function teach(examples, onDone, signal) {
  const { createReader } = await import("../reader.js");
  const reader = await createReader({ model: MODELS });
  try {
    return await reader.learn(examples, { onDone, signal });
  } finally {
    reader.close(); // which ends what was stopped
  }
}

/** The SHA-256 of the card of the version in use. @returns {Promise<string | null>} null where it cannot be known now */
export async function modelInUse() {
  try {
    const response = await fetch(new URL("current.json", MODELS), { cache: "no-cache" });
    const { card_sha256: model } = await response.json();
    return typeof model === "string" ? model : null;
  } catch {
    return null;
  }
}
