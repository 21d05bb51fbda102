/** Wires the page of one's own meters: the store → the list, or the meter that the address names. */
import { byId, element } from "../dom.js";
import { currentLanguage, onLanguage, setLanguage, t, translateDocument } from "../i18n.js";
import { drawNav } from "../nav.js";
import { keepOffline } from "../offline/start.js";
import { Notice } from "../panels.js";
import { ConsentLine } from "../sense/consent_line.js";
import { outbox } from "../sense/outbox.js";
import { listReadings, onStoreChange, readAll, removeMeter, removeReading, saveAll } from "../store.js";
import { Toast } from "../toast.js";
import { sentenceOf } from "./ask.js";
import { offerEdit } from "./feedback.js";
import { askMeter, askReading } from "./form.js";
import { drawList } from "./list.js";
import { MeterView } from "./meter.js";
import { exportAll, exportTable, importFile, importRefused, share } from "./transfer.js";
import { plainText, timeText } from "./words.js";

/**
 * @typedef {import("../i18n.js").Language} Language
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 */

const place = byId("meters");
const problem = new Notice(byId("problem"));
const toast = new Toast(byId("toast"));
const consentLine = new ConsentLine(byId("consent"));
/** @type {MeterView | null} */
let view = null;
let drawings = 0;
let isLost = false; // whether the store could not be read
let isDrawn = false; // whether it ever could
let lastKey = "";

/** The id in the address; empty for the list. */
function wanted() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash; // no address of ours: there is no such meter
  }
}

/** Draws what the address names as the store is now; a newer call makes an older one void. */
async function draw() {
  const drawing = ++drawings;
  try {
    const everything = await readAll();
    if (drawing !== drawings) return;
    if (isLost) problem.hide();
    isLost = false;
    isDrawn = true;
    byId("private").hidden = false;
    place.replaceChildren(...drawn(everything));
    focusAgain();
  } catch (error) {
    isLost = true;
    if (!isDrawn) {
      place.replaceChildren(element("h2", { tabIndex: -1 }, t("nav_meters")));
      byId("private").hidden = true; // nothing is kept here
    }
    problem.show(() => sentenceOf(error), draw);
  }
}

/** @param {import("./backup.js").Everything} everything @returns {Node[]} */
function drawn({ meters, readings }) {
  const id = wanted();
  if (view && view.id !== id) {
    view.release();
    view = null;
  }
  if (!id) return drawList({ meters, readings }, listActions);
  const meter = meters.find((each) => each.id === id);
  if (!meter) return [element("h2", { tabIndex: -1 }, t("meters_gone")), element("a", { href: "#" }, t("meters_all"))];
  view ??= new MeterView(id, meterActions(id));
  return view.draw(
    meter,
    readings.filter((reading) => reading.meter === id),
  );
}

/** After drawing anew the focus is where it was, or at the heading when that is gone. */
function focusAgain() {
  if (document.activeElement !== document.body || !lastKey) return;
  const same = [...place.querySelectorAll("[data-key]")].find(
    (each) => /** @type {HTMLElement} */ (each).dataset.key === lastKey,
  );
  const found = /** @type {HTMLElement | null} */ (same ?? place.querySelector("h2"));
  found?.focus({ preventScroll: true });
}

const listActions = {
  onAdd: () => askMeter(null, ({ id }) => void (location.hash = encodeURIComponent(id))),
  onImport: () => byId("file").click(),
  onExport: () => attempt(async () => exportAll(await readAll())),
  onTable: () => attempt(async () => exportTable(await readAll())),
};

/** @param {string} id @returns {import("./meter.js").MeterActions} */
function meterActions(id) {
  const meter = async () => /** @type {Meter} */ ((await readAll()).meters.find((each) => each.id === id));
  return {
    onAddReading: () => attempt(async () => askReading(await meter(), null)),
    onEdit: () => attempt(async () => askMeter(await meter(), () => undefined)),
    onShare: () =>
      attempt(async () => {
        const said = await share(await meter(), await listReadings(id));
        if (said) toast.show(said);
      }),
    onTable: () => attempt(async () => exportTable({ meters: [await meter()], readings: await listReadings(id) })),
    onDelete: () => attempt(() => deleteMeter(id)),
    onEditReading: (reading) =>
      attempt(async () => askReading(await meter(), reading, (text) => void offerEdit(reading, text))),
    onDeleteReading: (reading) => attempt(() => deleteReading(reading)),
    onPicture: showPicture,
  };
}

/** @param {() => Promise<unknown>} work */
async function attempt(work) {
  problem.hide();
  try {
    await work();
  } catch (error) {
    problem.show(() => sentenceOf(error));
  }
}

/** @param {File} file */
async function takeIn(file) {
  problem.hide();
  try {
    toast.show(await importFile(file));
  } catch (error) {
    problem.show(() => importRefused(error));
  }
}

/** It is gone at once; for a while it can be brought back. @param {string} id */
async function deleteMeter(id) {
  const gone = await removeMeter(id);
  const words = { name: gone.meters[0]?.name ?? "", number: gone.readings.length };
  toast.show(
    () => t("meters_deleted_meter", words),
    () => attempt(() => saveAll(gone)),
  );
  location.hash = "";
}

/** @param {StoredReading} reading */
async function deleteReading(reading) {
  await removeReading(reading.id);
  toast.show(
    () => t("meters_deleted_reading", { text: plainText(reading.text) }),
    () => attempt(() => saveAll({ readings: [reading] })),
  );
}

/** @param {StoredReading} reading @param {string} address of its picture */
function showPicture({ text, time }, address) {
  const close = element("button", { type: "button", onclick: () => dialog.close() }, t("meters_picture_close"));
  const image = element("img", { src: address, alt: plainText(text) });
  const name = element("p", { className: "large-name" }, element("strong", {}, plainText(text)), `, ${timeText(time)}`);
  const dialog = element("dialog", { className: "ask large", "aria-label": plainText(text) }, name, image, close);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

function translate() {
  translateDocument();
  document.title = `${t("nav_meters")} – ${t("title")}`;
  for (const button of byId("languages").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.lang === currentLanguage()));
  }
  for (const part of [problem, toast]) part.translate();
  consentLine.render();
  void draw();
}

for (const button of byId("languages").querySelectorAll("button")) {
  button.addEventListener("click", () => setLanguage(/** @type {Language} */ (button.lang)));
}
place.addEventListener("focusin", (/** @type {FocusEvent} */ event) => {
  lastKey = /** @type {HTMLElement} */ (event.target).dataset.key ?? lastKey;
});
byId("file").addEventListener("change", async () => {
  const [file] = byId("file").files;
  if (file) await takeIn(file);
  byId("file").value = ""; // the same file may be chosen again
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw()); // the chart has colours of its own
addEventListener("hashchange", () => {
  lastKey = "";
  if (!isLost) problem.hide();
  void draw().then(() => /** @type {HTMLElement | null} */ (place.querySelector("h2"))?.focus({ preventScroll: true }));
});
onStoreChange(({ parts }) => parts.includes("outgoing") || draw());
onLanguage(translate);
drawNav(byId("pages"));
translate();
outbox.start();
keepOffline();
