/** Pictures come in by picking, dropping and pasting, one or several. */

/**
 * @param {object} parts
 * @param {HTMLInputElement} parts.input of type file
 * @param {HTMLElement} parts.button opens the file picker
 * @param {(files: File[]) => void} onFiles
 * @param {(problem: "error_no_paste" | "error_no_drop") => void} onProblem
 */
export function takeIn({ input, button }, onFiles, onProblem) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    onFiles([...(input.files ?? [])]);
    input.value = ""; // so that the same file can be picked again
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onFiles(files);
    else onProblem("error_no_paste");
  });
  takeDrops(onFiles, onProblem);
}

/** The whole window takes drops. @param {(files: File[]) => void} onFiles @param {(problem: "error_no_drop") => void} onProblem */
function takeDrops(onFiles, onProblem) {
  let depth = 0; // of elements entered and not left again
  const mark = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change);
    document.body.classList.toggle("dropping", depth > 0);
  };
  document.addEventListener("dragenter", () => mark(1));
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) onFiles(files);
    else onProblem("error_no_drop");
  });
}
