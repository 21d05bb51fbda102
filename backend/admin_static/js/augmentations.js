/** Generating: the dialog that says beforehand how many pictures are possible, and the progress of generations. */

const LOOK_MS = 1500;

/** @typedef {{ id: number, state: string, name: string, progress: number }} Generation */

/** @param {HTMLDialogElement} dialog */
function setUpDialog(dialog) {
  const type = /** @type {HTMLSelectElement} */ (dialog.querySelector("#generate-type"));
  const count = /** @type {HTMLInputElement} */ (dialog.querySelector("#count"));
  const start = /** @type {HTMLButtonElement} */ (dialog.querySelector("#start"));
  const told = /** @type {HTMLElement} */ (dialog.querySelector("#possible"));
  const refusal = /** @type {HTMLElement} */ (dialog.querySelector("#refusal"));
  const number = new Intl.NumberFormat(document.documentElement.lang);
  /** @type {number | null} */
  let possible = null;
  let asked = 0;

  /** @param {string | undefined} text */
  const filled = (text) => (text ?? "").replace("%(possible)s", number.format(possible ?? 0));

  function check() {
    const wanted = Number(count.value);
    const tooMany = possible !== null && possible > 0 && wanted > possible;
    refusal.textContent = tooMany ? filled(dialog.dataset.tooMany) : "";
    start.disabled = possible === null || !Number.isInteger(wanted) || wanted < 1 || wanted > possible;
  }

  async function ask() {
    const mine = ++asked;
    possible = null;
    told.textContent = "…";
    check();
    /** @type {number | null} */
    let answer = null;
    try {
      const response = await fetch(`${dialog.dataset.possible}?meter_type=${encodeURIComponent(type.value)}`, {
        headers: { Accept: "application/json" },
      });
      if (response.ok) answer = (await response.json()).possible;
    } catch {
      // said below
    }
    if (mine !== asked) return;
    possible = answer;
    const text = answer === null ? dialog.dataset.trouble : answer ? dialog.dataset.gives : dialog.dataset.nothing;
    told.textContent = filled(text);
    check();
  }

  document.getElementById("open")?.addEventListener("click", () => {
    dialog.showModal();
    ask();
  });
  dialog.querySelector("#close")?.addEventListener("click", () => dialog.close());
  type.addEventListener("change", ask);
  count.addEventListener("input", check);
}

/**
 * Follow generations that are under way; when one has ended, the page shows what it made.
 * @param {HTMLElement} list
 */
async function follow(list) {
  const active = () => list.querySelectorAll('[data-state="waiting"], [data-state="running"]').length;
  while (active()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (document.querySelector("dialog[open]")) continue;
    const response = await fetch(list.dataset.runs ?? "", { headers: { Accept: "application/json" } }).catch(
      () => null,
    );
    if (!response?.ok) continue;
    /** @type {Generation[]} */
    const runs = (await response.json()).runs;
    const before = active();
    for (const run of runs) show(list, run);
    if (active() < before) return location.reload();
  }
}

/**
 * @param {HTMLElement} list
 * @param {Generation} run
 */
function show(list, run) {
  const item = /** @type {HTMLElement | null} */ (list.querySelector(`[data-run="${run.id}"]`));
  if (!item) return;
  item.dataset.state = run.state;
  const bar = item.querySelector("progress");
  if (bar) bar.value = run.progress;
  const state = item.querySelector(".state .badge");
  if (state) state.textContent = run.name;
}

const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("generate"));
if (dialog) setUpDialog(dialog);
const list = document.getElementById("generations");
if (list) follow(list);
