/** Wires the page for many photos: folders → reader → table → CSV. */
import { byId } from "../dom.js";
import { openReader } from "../early.js";
import { currentLanguage, onLanguage, setLanguage, t, translateDocument } from "../i18n.js";
import { drawNav } from "../nav.js";
import { keepOffline } from "../offline/start.js";
import { Loading, Notice } from "../panels.js";
import { loadingFailed, remedyOf } from "../sentences.js";
import { ConsentLine } from "../sense/consent_line.js";
import { outbox } from "../sense/outbox.js";
import { listMeters, onStoreChange } from "../store.js";
import { Toast } from "../toast.js";
import { Batch } from "./batch.js";
import { asCsv } from "./csv.js";
import { offerRow } from "./feedback.js";
import { takeIn } from "./intake.js";
import { Large } from "./large.js";
import { BatchProgress } from "./progress.js";
import { sortOut } from "./sources.js";
import { Table } from "./table.js";

/** @typedef {import("./row.js").Row} Row */
/** @typedef {import("../i18n.js").Language} Language */

const loading = new Loading(byId("loading"));
const problem = new Notice(byId("problem"));
const notice = new Notice(byId("notice"));
const large = new Large(byId("large"));
let unsaved = false;

const batch = new Batch({
  onRow: (row) => table.update(row),
  onOrder: () => table.arrange(batch.rows, batch.sorting),
  onProgress: showProgress,
  onReaderLost: showNoReader,
});
const table = new Table(byId("table"), {
  onSort: (column) => batch.sortBy(column),
  onAllChecked: () => byId("only-to-check").focus(),
  onCorrect: (row, text) => {
    batch.correct(row, text);
    void offerRow(row);
    unsaved = true;
  },
  onRemove: remove,
  onOpen: (row) => large.show(row.file, row.path),
});
const progress = new BatchProgress(byId("progress"), {
  onPause: () => batch.work.pause(),
  onResume: () => batch.work.resume(),
  onStop: () => batch.stop(),
  onRest: () => batch.readRest(),
});
const consentLine = new ConsentLine(byId("consent"), "batch_consent_given");
const undo = new Toast(byId("undo"), { onPutAway: () => batch.forget() });
const restore = () => table.focus(batch.restore()[0]);

async function load() {
  problem.hide();
  batch.awaitReader(true);
  try {
    batch.use(await openReader({ onProgress: (progress) => loading.show(progress) }));
    keepOffline();
  } catch (error) {
    loading.hide();
    batch.awaitReader(false);
    console.warn(error); // the sentence says what to do; this says what happened
    showNoReader(error);
  }
}

/** The button never reloads the page: the table would be lost. @param {unknown} error */
function showNoReader(error) {
  const { code } = /** @type {{code?: unknown}} */ (error ?? {});
  const sentence = () => (code === "worker" ? t("batch_worker") : loadingFailed(error));
  problem.show(sentence, remedyOf(error) ? load : undefined);
}

/** Pictures are matched with the meters kept on this device; without a store, with none. */
async function matchMeters() {
  batch.useMeters(await listMeters().catch(() => []));
}

let wasBusy = false;
function showProgress() {
  progress.show(batch);
  const { all, done } = batch.counts;
  byId("batch").hidden = !all;
  document.body.classList.toggle("empty", !all);
  byId("csv").disabled = !done;
  if (wasBusy && !batch.work.busy && all) byId("announcer").textContent = progress.counted;
  unsaved ||= wasBusy && !batch.work.busy;
  wasBusy = batch.work.busy;
}

/** @param {import("./sources.js").Found[]} found */
function take(found) {
  const { pictures, others } = sortOut(found);
  const again = batch.add(pictures);
  showProgress();
  if (!pictures.length) return notice.show(() => t("batch_none"));
  if (!others && !again) return notice.hide();
  notice.show(() =>
    [others ? t("batch_others", { others }) : "", again ? t("batch_again", { again }) : ""].join(" ").trim(),
  );
}

/** @param {Row} row */
function remove(row) {
  const next = table.neighbour(row);
  batch.forget(); // one step back is enough, and what is gone weighs nothing
  batch.remove([row]);
  undo.show(() => t("batch_removed", { name: row.path }), restore);
  if (next) next.focusRemove();
  else byId("choose-folder").focus();
}

function clear() {
  notice.hide(); // it was about what is gone
  batch.forget();
  batch.remove(batch.rows);
  undo.show(() => t("batch_cleared"), restore);
  byId("choose-folder").focus();
}

function save() {
  const address = URL.createObjectURL(new Blob([asCsv(batch.rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `readings-${new Date().toISOString().slice(0, 10)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address)); // once the download has begun
  unsaved = false;
}

function translate() {
  translateDocument();
  document.title = `${t("batch")} – ${t("title")}`;
  for (const button of byId("languages").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.lang === currentLanguage()));
  }
  for (const part of [loading, problem, notice, undo]) part.translate();
  consentLine.render();
  table.translate(batch.sorting);
  progress.show(batch);
}

for (const button of byId("languages").querySelectorAll("button")) {
  button.addEventListener("click", () => setLanguage(/** @type {Language} */ (button.lang)));
}
byId("only-to-check").addEventListener("change", () => table.filter(byId("only-to-check").checked));
byId("csv").addEventListener("click", save);
byId("clear").addEventListener("click", clear);
addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
drawNav(byId("pages"));
onLanguage(translate);
translate();
takeIn(
  {
    files: byId("files"),
    choose: byId("choose"),
    folder: byId("folder"),
    chooseFolder: byId("choose-folder"),
  },
  take,
  () => notice.show(() => t("batch_unreadable_folder")),
);
onStoreChange(({ parts }) => void (parts.includes("meters") && matchMeters()));
void matchMeters();
outbox.start(load());
