/** Wires the page that tells what is in a picture: files → networks → a card for each. */
import { byId } from "../dom.js";
import { currentLanguage, onLanguage, setLanguage, t, translateDocument } from "../i18n.js";
import { takeIn } from "../intake.js";
import { drawNav } from "../nav.js";
import { keepOffline } from "../offline/start.js";
import { Loading, Notice } from "../panels.js";
import { networksFailed } from "../sentences.js";
import { Choice } from "./choice.js";
import { Gallery } from "./gallery.js";
import { Networks, openNetworks } from "./networks.js";
import { PictureView, spoken } from "./view.js";

/** @typedef {import("./gallery.js").Shown} Shown */
/** @typedef {import("../i18n.js").Language} Language */

const loading = new Loading(byId("loading"), {
  loading: "classify_loading",
  bytes: "classify_loading_bytes",
  check: "loading_check",
});
const problem = new Notice(byId("problem"));
const notice = new Notice(byId("notice"));
const choice = new Choice(byId("network"), render);
const gallery = new Gallery({
  onChange: update,
  onLost: fail,
});
/** @type {Map<Shown, PictureView>} */
const views = new Map();
let networks = new Networks(null, []);
let failed = false; // the last attempt to load them, or what came of it was lost

async function load() {
  problem.hide();
  networks.close(); // of an attempt before
  failed = false;
  render();
  try {
    networks = await openNetworks(new URL("/static/model/", location.href).href, (now) => loading.show(now));
    choice.offer(networks.opened);
    for (const part of ["intake", "told"]) byId(part).hidden = !networks.opened.length;
    byId("none").hidden = networks.opened.length > 0;
    render();
    if (networks.opened.length) gallery.use((file) => networks.look(file));
    keepOffline("", "networks");
  } catch (error) {
    loading.hide();
    console.warn(error); // the sentence says what to do; this says what happened
    fail(error);
  }
}

/** There is nothing to look with until a person tries again. @param {unknown} error */
function fail(error) {
  problem.show(() => networksFailed(error), load);
  failed = true;
  render();
}

/** @param {Shown} shown */
function update(shown) {
  views.get(shown)?.render(choice.card, failed);
  const said = spoken(shown, choice.card);
  if (said) byId("announcer").textContent = said;
}

/** @param {File[]} files */
function add(files) {
  notice.hide();
  const added = gallery.add(files).map((shown) => {
    const view = new PictureView(shown, () => remove(shown));
    views.set(shown, view);
    return view;
  });
  byId("pictures").prepend(...added.map((view) => view.element));
  render();
  added[0]?.element.scrollIntoView({ block: "nearest" });
}

/** @param {Shown} shown */
function remove(shown) {
  const place = gallery.all.indexOf(shown);
  gallery.remove(shown);
  views.get(shown)?.leave();
  views.delete(shown);
  const next = views.get(gallery.all[place] ?? gallery.all[place - 1]);
  if (next) next.focus();
  else byId("choose").focus();
  render();
}

function clear() {
  gallery.clear();
  for (const view of views.values()) view.leave();
  views.clear();
  byId("choose").focus();
  render();
}

function render() {
  const isEmpty = !gallery.all.length;
  document.body.classList.toggle("empty", isEmpty);
  byId("clear").hidden = isEmpty;
  byId("nothing").hidden = !isEmpty;
  for (const view of views.values()) view.render(choice.card, failed);
}

function translate() {
  translateDocument();
  document.title = `${t("nav_classify")} – ${t("title")}`;
  for (const button of byId("languages").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.lang === currentLanguage()));
  }
  for (const part of [loading, problem, notice]) part.translate();
  choice.render();
  render();
}

for (const button of byId("languages").querySelectorAll("button")) {
  button.addEventListener("click", () => setLanguage(/** @type {Language} */ (button.lang)));
}
byId("clear").addEventListener("click", clear);
onLanguage(translate);
drawNav(byId("pages"));
translate();
takeIn({ input: byId("files"), button: byId("choose") }, add, (name) => notice.show(() => t(name)));
void load();
