/** Many files at once, each in a request of its own with its own progress: one that is refused does not stop others. */

import { changeHeaders } from "./panel.js";

const AT_ONCE = 3;
const DRAWN = 500; // files whose lines stay on the page; of the others only refused ones are drawn

/**
 * @typedef {{ address: string, largest: number, texts: Record<string, string> }} Data
 * @typedef {{ file: File, fields: FormData, line: HTMLLIElement, bar: HTMLProgressElement, state: HTMLElement }} Job
 */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
const find = (id) => /** @type {T} */ (document.getElementById(id));

class Uploads {
  /**
   * @param {HTMLFormElement} form
   * @param {Data} data
   */
  constructor(form, data) {
    this.form = form;
    this.data = data;
    this.texts = data.texts;
    /** @type {Job[]} */
    this.waiting = [];
    this.running = 0;
    this.counts = { all: 0, added: 0, known: 0, failed: 0 };
    window.addEventListener("beforeunload", (event) => {
      if (this.running) event.preventDefault();
    });
  }

  /** @param {Iterable<File>} files */
  add(files) {
    const fields = new FormData(this.form);
    for (const file of files) this.waiting.push(this.draw(file, fields));
    this.counts.all = this.counts.added + this.counts.known + this.counts.failed + this.running + this.waiting.length;
    this.next();
  }

  /**
   * @param {File} file
   * @param {FormData} fields what was said about it when it was chosen
   * @returns {Job}
   */
  draw(file, fields) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    const state = document.createElement("span");
    name.textContent = file.name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    state.textContent = this.texts.waiting;
    line.append(name, bar, state);
    if (this.counts.all < DRAWN) find("uploads").append(line);
    return { file, fields, line, bar, state };
  }

  next() {
    while (this.running < AT_ONCE && this.waiting.length) {
      const job = /** @type {Job} */ (this.waiting.shift());
      this.running += 1;
      this.send(job).then((end) => {
        this.running -= 1;
        this.counts[end] += 1;
        this.total();
        this.next();
      });
    }
    this.total();
  }

  /**
   * Send one file; tells how it ended.
   * @param {Job} job
   * @returns {Promise<"added" | "known" | "failed">}
   */
  send(job) {
    if (job.file.size > this.data.largest) return Promise.resolve(this.refuse(job, this.texts.large, false));
    const body = new FormData();
    for (const [name, value] of job.fields) if (typeof value === "string") body.append(name, value);
    body.append("file", job.file);
    const request = new XMLHttpRequest(); // fetch tells no progress of what it sends
    request.open("POST", this.data.address);
    request.responseType = "json";
    for (const [name, value] of Object.entries(changeHeaders())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => (job.bar.value = total ? loaded / total : 0));
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => resolve(this.finish(job, request)));
      request.send(body);
    });
  }

  /**
   * @param {Job} job
   * @param {XMLHttpRequest} request
   */
  finish(job, { status, response }) {
    if (status !== 200) {
      const own = { 0: this.texts.offline, 401: this.texts.login, 413: this.texts.large, 503: this.texts.busy };
      const text = /** @type {Record<number, string>} */ (own)[status] ?? response?.error?.message ?? `${status}`;
      return this.refuse(job, text, status !== 413 && status !== 422);
    }
    job.bar.value = 1;
    const link = document.createElement("a");
    link.href = response.address;
    link.textContent = response.known ? this.texts.known : this.texts.added;
    job.state.replaceChildren(link);
    job.line.className = response.known ? "known" : "added";
    return response.known ? /** @type {const} */ ("known") : /** @type {const} */ ("added");
  }

  /**
   * @param {Job} job
   * @param {string} text
   * @param {boolean} again whether trying again may help
   */
  refuse(job, text, again) {
    job.line.className = "failed";
    job.bar.remove();
    job.state.textContent = text;
    find("uploads").prepend(job.line);
    if (again) this.offer(job);
    return /** @type {const} */ ("failed");
  }

  /** @param {Job} job */
  offer(job) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary btn-sm";
    button.textContent = this.texts.again;
    button.addEventListener("click", () => {
      job.line.remove();
      this.counts.failed -= 1;
      this.waiting.push(this.draw(job.file, job.fields));
      this.next();
    });
    job.line.append(button);
  }

  total() {
    const { all, added, known, failed } = this.counts;
    const done = added + known + failed;
    const values = [done, all, added, known, failed];
    find("total").textContent = this.texts.total.replace(/%(\d)/g, (_, place) => `${values[Number(place) - 1]}`);
    const bar = /** @type {HTMLProgressElement} */ (find("progress"));
    bar.hidden = false;
    bar.value = all ? done / all : 0;
    find("after").hidden = done < all || added === 0;
  }
}

/** @param {HTMLFormElement} form */
export function start(form) {
  const uploads = new Uploads(form, JSON.parse(find("upload-data").textContent ?? ""));
  const input = /** @type {HTMLInputElement} */ (find("files"));
  const drop = find("drop");
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("change", () => {
    uploads.add([...(input.files ?? [])]);
    input.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"])
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
    });
  drop.addEventListener("drop", (event) => uploads.add([...(event.dataTransfer?.files ?? [])]));
}
