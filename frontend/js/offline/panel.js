/** What the page says of working without a network: lines in the foot, a notice of a new version, a button to install. */
import { element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";

/**
 * @typedef {object} State
 * @property {"insecure" | "failed" | "kept" | "new" | "update_failed"} page whether its files are kept; `new`: a newer page waits
 * @property {import("./model.js").Outcome} model
 * @property {boolean} networks whether all that the pages without a reader use is kept
 */

export class OfflinePanel {
  /** @type {Partial<State>} */
  #state = {};
  /** @type {import("./start.js").InstallPrompt | null} */
  #prompt = null;
  #lines = element("div", { id: "offline" });
  #install = element("div", { id: "install" });
  #notice = element("div", { id: "update", role: "status" });
  /** Called when the person wants the new page now. */
  onReload = () => {};

  /** @param {import("./start.js").Keeps} [keeps] */
  constructor(keeps = "model") {
    this.keeps = keeps;
    const foot = document.querySelector("footer");
    (foot?.querySelector("details") ?? foot)?.append(this.#lines);
    foot?.prepend(this.#install);
    document.querySelector("main")?.before(this.#notice);
    onLanguage(() => this.render());
    this.render();
  }

  /** @param {Partial<State>} news */
  show(news) {
    this.#state = { ...this.#state, ...news };
    this.render();
  }

  /** @param {import("./start.js").InstallPrompt} prompt */
  offerInstall(prompt) {
    this.#prompt = prompt;
    this.render();
  }

  render() {
    this.#lines.replaceChildren(...linesOf(this.#state, this.keeps).map((line) => element("p", {}, line)));
    this.#install.replaceChildren(...this.#drawInstall());
    this.#notice.replaceChildren(...this.#drawNotice());
  }

  #drawNotice() {
    if (this.#state.page !== "new") return [];
    const button = element("button", { type: "button", onclick: () => this.onReload() }, t("update_reload"));
    return [element("p", {}, t("update_there")), button];
  }

  #drawInstall() {
    // Only Safari on iOS knows this property; it installs from its own menu and tells no page that it could.
    if (/** @type {any} */ (navigator).standalone === false) return [element("p", {}, t("install_ios"))];
    const prompt = this.#prompt;
    if (!prompt) return [];
    const button = element("button", { type: "button", className: "quiet" }, t("install"));
    button.onclick = async () => {
      this.#prompt = null; // it can be used once
      await prompt.prompt();
      this.render();
    };
    return [button];
  }
}

/** @param {Partial<State>} state @param {import("./start.js").Keeps} keeps @returns {string[]} */
function linesOf({ page, model, networks }, keeps) {
  if (page === "insecure" || page === "failed") return [t(`offline_${page}`)];
  const values = { model: model?.model ?? "", next: model?.next ?? "" };
  const lines = [];
  const kept = keeps === "model" ? model?.model && "offline_kept" : networks && "offline_kept_networks";
  if (page && model) lines.push(t(kept || "offline_failed", values));
  if (page === "update_failed") lines.push(t("update_failed"));
  if (keeps === "networks") return lines; // nothing on this page reads with the model
  if (!model?.model && model?.state !== "full") return lines;
  if (model.state === "ready" || model.state === "waits" || model.state === "refused" || model.state === "full") {
    lines.push(t(`model_${model.state}`, values));
  }
  return lines;
}
