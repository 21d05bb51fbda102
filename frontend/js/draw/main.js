/** Wires the page for drawn digits: paper → networks → what they see and read; the test sheet beside it. */
import { byId } from "../dom.js";
import { currentLanguage, onLanguage, setLanguage, t, translateDocument } from "../i18n.js";
import { sentenceOf } from "../meters/ask.js";
import { drawNav } from "../nav.js";
import { keepOffline } from "../offline/start.js";
import { Loading, Notice } from "../panels.js";
import { networksFailed } from "../sentences.js";
import { onStoreChange } from "../store.js";
import { Toast } from "../toast.js";
import { Looking } from "./looking.js";
import { Networks, openNetworks } from "./networks.js";
import { Pad } from "./pad.js";
import { addRecord, clearRecords, listRecords, removeLast, restoreRecords } from "./records.js";
import { PLAN, recognisedBy } from "./sheet.js";
import { SheetView } from "./sheet_view.js";
import { View } from "./view.js";

/** @typedef {import("./networks.js").Look} Look */
/** @typedef {import("../i18n.js").Language} Language */

const loading = new Loading(byId("loading"), {
  loading: "classify_loading",
  bytes: "classify_loading_bytes",
  check: "loading_check",
});
const problem = new Notice(byId("problem")); // with the networks; it stays until there are some
const notice = new Notice(byId("notice")); // of the sheet
const toast = new Toast(byId("toast"));
const view = new View(byId("seen"), byId("networks"));
let networks = new Networks(null, []);
/** @type {Look} what was answered last */
let latest = { seen: [], probabilities: {}, tooMany: false };
/** @type {import("./sheet.js").Recorded[]} */
let records = [];
let isOn = false; // whether digits of the sheet are asked for
let isRecording = false;

const looking = new Looking(
  () => pad.strokes,
  (strokes) => networks.look(strokes),
  show,
  (error) => {
    problem.show(() => networksFailed(error), load);
  },
);
const pad = new Pad(byId("paper"), () => void looking.ask(), showTools);
const sheet = new SheetView(byId("asked"), byId("sheet"), {
  onStart: () => turn(true),
  onPause: () => turn(false),
  onRecord: () => attempt(record),
  onBack: () => attempt(removeLast),
  onAnew: () => attempt(beginAnew),
});

async function load() {
  problem.hide();
  networks.close(); // of an attempt before
  networks = new Networks(null, []);
  view.open(null);
  showWhatCanBeDone();
  try {
    networks = await openNetworks(new URL("/static/model/", location.href).href, (now) => loading.show(now));
    view.open(networks.opened);
    showWhatCanBeDone();
    void looking.ask();
    keepOffline("", "networks");
  } catch (error) {
    loading.hide();
    console.warn(error); // the sentence says what to do; this says what happened
    problem.show(() => networksFailed(error), load);
  }
}

/** Without a network nothing is seen, and no sheet begun. */
function showWhatCanBeDone() {
  byId("looks").hidden = !networks.working.length;
  showSheet();
}

/** @param {Look} look */
function show(look) {
  latest = look;
  view.show(look);
}

/** What can be done with the drawing, and what it was read as. */
async function showTools() {
  byId("undo").disabled = !pad.canUndo;
  byId("redo").disabled = !pad.canRedo;
  byId("clear").disabled = !pad.strokes.length;
  await looking.ask();
  if (view.said) byId("announcer").textContent = view.said;
}

function canRecord() {
  return networks.working.length > 0;
}

function showSheet() {
  sheet.show({ records, isOn, canRecord: canRecord() });
}

/** @param {boolean} on */
function turn(on) {
  isOn = on;
  notice.hide();
  showSheet();
  if (on) byId("asked").scrollIntoView({ block: "nearest" });
  announceAsked();
}

function announceAsked() {
  byId("announcer").textContent = isOn ? (byId("asked").querySelector(".ask")?.textContent ?? "") : "";
}

async function record() {
  if (isRecording) return; // one digit is recorded once
  isRecording = true;
  try {
    if (!(await looking.ask())) return; // what was answered last was another drawing
    const { length } = latest.seen;
    if (latest.tooMany || length > 1) return notice.show(() => t("draw_sheet_one", { number: length || "> 10" }));
    if (!length) return notice.show(() => t("draw_sheet_first"));
    const place = records.length;
    const recognised = recognisedBy(networks.working, latest);
    await addRecord({ place, asked: PLAN[place], time: Date.now(), recognised });
    pad.clear();
  } finally {
    isRecording = false;
  }
}

async function beginAnew() {
  const gone = await clearRecords();
  toast.show(
    () => t("draw_sheet_cleared"),
    () => attempt(() => restoreRecords(gone)),
  );
}

/** @param {() => Promise<unknown>} work */
async function attempt(work) {
  notice.hide();
  try {
    await work();
  } catch (error) {
    notice.show(() => sentenceOf(error));
  }
}

async function followRecords() {
  try {
    records = await listRecords();
  } catch (error) {
    return notice.show(() => sentenceOf(error));
  }
  if (records.length >= PLAN.length) isOn = false;
  showSheet();
  if (isOn) announceAsked();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (isCommand && key === "z") event.shiftKey ? pad.redo() : pad.undo();
  else if (isCommand && key === "y") pad.redo();
  else if (event.key === "Delete" && !isCommand) pad.clear();
  else if (event.key === "Enter" && isOn && canRecord() && !target.closest("button, a, summary")) void attempt(record);
  else return;
  event.preventDefault();
}

function translate() {
  translateDocument();
  document.title = `${t("nav_draw")} – ${t("title")}`;
  for (const button of byId("languages").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.lang === currentLanguage()));
  }
  for (const part of [loading, problem, notice, toast]) part.translate();
  view.render();
  sheet.render();
}

for (const button of byId("languages").querySelectorAll("button")) {
  button.addEventListener("click", () => setLanguage(/** @type {Language} */ (button.lang)));
}
for (const name of /** @type {const} */ (["undo", "redo", "clear"])) byId(name).onclick = () => pad[name]();
byId("thickness").oninput = () => (pad.thickness = Number(byId("thickness").value));
pad.thickness = Number(byId("thickness").value);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  pad.repaint();
  sheet.render(); // the plot has colours of its own
});
document.addEventListener("keydown", onKey);
onStoreChange(({ parts }) => void (parts.includes("drawn") && followRecords()));
onLanguage(translate);
drawNav(byId("pages"));
translate();
void showTools();
void followRecords();
void load();
