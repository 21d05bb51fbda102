/** Wires the page: pictures and camera → reader → view. */
import { byId } from "./dom.js";
import { openReader } from "./early.js";
import { currentLanguage, onLanguage, setLanguage, t, translateDocument } from "./i18n.js";
import { takeIn } from "./intake.js";
import { LiveCamera } from "./live.js";
import { drawNav } from "./nav.js";
import { keepOffline } from "./offline/start.js";
import { loadingFailed, remedyOf } from "./sentences.js";
import { Results } from "./results.js";
import { About, Examples, Loading, Notice } from "./panels.js";

/** @typedef {import("./i18n.js").Language} Language */

const announcer = byId("announcer");
/** @param {string} sentence */
const announce = (sentence) => void (announcer.textContent = sentence);

const loading = new Loading(byId("loading"));
const problem = new Notice(byId("problem"));
const notice = new Notice(byId("notice"));
const about = new About(byId("about"));
const results = new Results(byId("result-list"), announce, () => {
  byId("results").hidden = results.count === 0;
  document.body.classList.toggle("empty", results.count === 0);
});
const examples = new Examples(byId("examples"), (example) => results.add([example]));
const camera = new LiveCamera(byId("camera"), {
  reader: () => results.reader(),
  sense: () => results.sense,
  announce,
  onTaken: (file, box) => results.add([{ file, name: () => t("camera_photo"), box }]),
  onClosed: () => byId("open-camera").focus(),
  onProblem: (code) => notice.show(() => t(`camera_${code}`)),
});

async function load() {
  problem.hide();
  try {
    const onProgress = (/** @type {import("./reader.js").Progress} */ now) => loading.show(now);
    const reader = await openReader({ onProgress, onBackend: () => about.render() });
    results.use(reader);
    about.show(reader);
    examples.show(reader);
    void understand();
    keepOffline(`${reader.card.name} ${reader.card.version}`);
  } catch (error) {
    loading.hide();
    console.warn(error); // the sentence says what to do; this says what happened
    const remedy = remedyOf(error);
    const act = remedy === "retry" ? load : () => location.reload();
    problem.show(() => loadingFailed(error), remedy ? act : undefined, remedy ? `problem_${remedy}` : undefined);
  }
}

/** Meters, corrections and all that needs a memory: it can wait until what came before the reader is read. */
async function understand() {
  await results.rest();
  try {
    const { Sense } = await import("./sense/sense.js");
    results.understand(await new Sense(byId("consent"), announce).start());
  } catch (error) {
    console.warn(error); // the network went away meanwhile
    addEventListener("online", understand, { once: true });
  }
}

function translate() {
  translateDocument();
  for (const button of byId("languages").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.lang === currentLanguage()));
  }
  for (const part of [results, camera, examples, about, loading, problem, notice]) part.translate();
}

for (const button of byId("languages").querySelectorAll("button")) {
  button.addEventListener("click", () => setLanguage(/** @type {Language} */ (button.lang)));
}
drawNav(byId("pages"));
onLanguage(translate);
translate();
byId("open-camera").addEventListener("click", () => {
  notice.hide();
  void camera.open();
});
takeIn(
  { input: byId("files"), button: byId("choose") },
  (files) => {
    notice.hide();
    results.add(files.map((file) => ({ file, name: () => file.name })));
  },
  (name) => notice.show(() => t(name)),
);
void load();
