/** Pictures out of what was chosen or dropped: files, and folders with all that is in them. */

/** @typedef {{file: File, path: string}} Found `path`: folders and name, as in "cellar/2026-11/meter.jpg" */

const PICTURE = /\.(jpe?g|png|webp|avif|gif|bmp|heic|heif|tiff?)$/i;
const paths = new Intl.Collator("en", { numeric: true });

/** @param {Iterable<File>} files of an input @returns {Found[]} */
export function fromFiles(files) {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/**
 * What was dropped, folders opened. To be called while the event is handled: the browser forgets it afterwards.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<Found[]>}
 */
export async function fromDrop(transfer) {
  const items = Array.from(transfer.items).filter((item) => item.kind === "file");
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
  const found = [];
  for (const { entry, file } of dropped) {
    if (entry) for await (const each of walk(entry)) found.push(each);
    else if (file) found.push(...fromFiles([file]));
  }
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @returns {AsyncGenerator<Found>}
 */
async function* walk(entry) {
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    yield { file: await new Promise((resolve, reject) => one.file(resolve, reject)), path: entry.fullPath.slice(1) };
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} a hundred at a time, none at the end */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) yield* walk(each);
  }
}

/**
 * The pictures in the order of their paths, numbers in them counted, and how many other files there were.
 *
 * @param {Found[]} found
 * @returns {{pictures: Found[], others: number}}
 */
export function sortOut(found) {
  const pictures = found.filter(({ file }) => file.type.startsWith("image/") || PICTURE.test(file.name));
  pictures.sort((a, b) => paths.compare(a.path, b.path));
  return { pictures, others: found.length - pictures.length };
}
