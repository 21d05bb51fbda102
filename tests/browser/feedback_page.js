/** What the tests of the queue of corrections do inside a page. */

import { setConsent } from "/js/consent.js";
import { Feedback } from "/js/feedback.js";
import { listOutgoing, putOutgoing } from "/js/store.js";

const feedback = new Feedback();
const news = [];
feedback.onNews((each) => news.push(each));

/** Begins to send, as the reading page does when it opens. */
export function open(consent) {
  if (consent) setConsent(consent);
  feedback.start();
}

/** Corrects a drawn picture of its own; gives the correction's id. */
export const correct = async (number) => feedback.give(await drawn(number));

/** The correction of a drawn picture. */
async function drawn(number) {
  const canvas = new OffscreenCanvas(32, 12);
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${number % 256} ${(number * 7) % 256} 90)`;
  context.fillRect(0, 0, 32, 12);
  const picture = await canvas.convertToBlob({ type: "image/png" });
  const said = { value: String(number), reading: "5", confidence: 0.5, version: "compact/2" };
  return { picture, box: { x: 4, y: 2, width: 24, height: 8 }, ...said };
}

/** Gives several at once. */
export const correctAll = (numbers) => Promise.all(numbers.map(correct));

/** Gives a second one while the first is on its way; gives what was told of both once all that waits is tried. */
export async function correctWhileSending() {
  const { fetch } = globalThis;
  const during = new Promise((resolve) => {
    globalThis.fetch = async (...request) => {
      globalThis.fetch = fetch;
      const second = await correct(2);
      resolve({ second, tried: feedback.flush() });
      return fetch(...request);
    };
  });
  const first = await correct(1);
  const { second, tried } = await during;
  await tried;
  return [first, second].map((id) => told()[id]);
}

export const waiting = async () => (await listOutgoing()).length;
/** The first news of a kind, once there is one. */
export async function heard(outcome) {
  const found = () => news.find((each) => each.outcome === outcome);
  await until(found);
  return found();
}

/** Waits until nothing waits to be sent; with `nudge`, as if the network came back again and again. */
export async function settle(nudge) {
  await until(async () => {
    if (nudge) dispatchEvent(new Event("online"));
    return !(await waiting());
  });
}

/** Waits until no tab sends. */
export const rest = () => until(async () => !(await navigator.locks.query()).held.length);

async function until(fulfilled) {
  while (!(await fulfilled())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Once all that waits has been tried. */
export const flush = () => feedback.flush();

/** What became of each correction, by its id. */
export const told = () => Object.fromEntries(news.map(({ id, outcome }) => [id, outcome]));

/** Corrections that wait from the last time: nobody sends them yet. */
export async function keep(ids) {
  for (const id of ids) await putOutgoing({ ...(await drawn(1)), id, time: 1 });
}

export const takeBack = (id) => feedback.takeBack(id);

export const withdraw = () => setConsent("no");
