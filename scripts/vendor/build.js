/**
 * Builds the bundles that are not ours, each folder with its licences and checksums: TensorFlow.js with its WASM files,
 * Chart.js, idb and Workbox in frontend/vendor/, Chart.js in backend/admin_static/vendor/, axe-core in tests/browser/vendor/.
 *
 * The versions are those of package-lock.json; the same lock gives the same bytes. `--check` builds elsewhere and fails
 * if the committed files differ.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const WASM = join(ROOT, "node_modules", "@tensorflow", "tfjs-backend-wasm", "wasm-out");
const AXE = join(ROOT, "node_modules", "axe-core");

/** The multi-threaded WASM glue and Node's modules are never used by the page: empty modules stand in for them. */
const leaveOut = {
  name: "leave-out",
  setup(/** @type {import("esbuild").PluginBuild} */ esbuild) {
    const unused =
      /tfjs-backend-wasm-threaded-simd(\.worker)?\.js$|^(fs|os|path|perf_hooks|worker_threads|util|crypto|node-fetch)$/;
    esbuild.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "left-out" }));
    esbuild.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
      contents: "export default {}; export const wasmWorkerContents = '';",
    }));
  },
};

/**
 * @typedef {object} Bundle
 * @property {string[]} entries files in scripts/vendor/ that say what is taken of the packages; each is bundled by itself
 * @property {string} vendor where the bundle is committed
 * @property {[from: string, to: string][]} files what lies beside it
 * @property {boolean} apache whether licences.txt ends with the Apache License
 */

/** @type {Bundle[]} */
const BUNDLES = [
  {
    entries: ["tf.js", "chart.js", "idb.js", "workbox.js"],
    vendor: join(ROOT, "frontend", "vendor"),
    files: [
      [join(HERE, "tf.d.ts"), "tf.d.ts"],
      [join(HERE, "chart.d.ts"), "chart.d.ts"],
      [join(HERE, "idb.d.ts"), "idb.d.ts"],
      [join(HERE, "workbox.d.ts"), "workbox.d.ts"],
      [join(WASM, "tfjs-backend-wasm.wasm"), "tf-wasm.wasm"],
      [join(WASM, "tfjs-backend-wasm-simd.wasm"), "tf-wasm-simd.wasm"],
    ],
    apache: true,
  },
  {
    entries: ["chart.js"],
    vendor: join(ROOT, "backend", "admin_static", "vendor"),
    files: [[join(HERE, "chart.d.ts"), "chart.d.ts"]],
    apache: false,
  },
  {
    entries: [],
    vendor: join(ROOT, "tests", "browser", "vendor"),
    files: [[join(AXE, "axe.min.js"), "axe.min.js"]],
    apache: false,
  },
];

/** @param {Bundle} own @param {string} folder @returns {Promise<string[]>} names of the packages in it */
async function bundle(own, folder) {
  const inputs = [];
  for (const entry of own.entries) inputs.push(...(await bundleEntry(entry, folder)));
  for (const [from, to] of own.files) await writeFile(join(folder, to), await readFile(from)); // without its mode
  return packagesOf([...inputs, ...own.files.map(([from]) => from)]);
}

/** @param {string} entry @param {string} folder @returns {Promise<string[]>} the files that went into it */
async function bundleEntry(entry, folder) {
  const { metafile } = await build({
    entryPoints: [join(HERE, entry)],
    absWorkingDir: ROOT,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' }, // Workbox would otherwise tell the console all it does
    charset: "utf8",
    legalComments: "none", // licences.txt holds them in full
    chunkNames: "tf-[name]-[hash]",
    plugins: [leaveOut],
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(metafile.inputs);
}

/** Names of the packages whose files went into the bundle, sorted. @param {string[]} inputs */
function packagesOf(inputs) {
  const names = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** Some packages carry their licence as the last section of their README, some only name it. @param {string} home @param {string} name */
async function licenceInReadme(home, name) {
  const readme = await readFile(join(home, "README.md"), "utf8").catch(() => "");
  const section = /^(LICENSE \(MIT\)\n[\s\S]*)$/m.exec(readme);
  return section ? section[1] : `No licence file in the package; it states ${name}, printed in full at the end.`;
}

/** @param {string} folder @param {string[]} packages @param {boolean} withApache */
async function writeLicences(folder, packages, withApache) {
  const sections = [];
  for (const name of packages) {
    const home = join(ROOT, "node_modules", name);
    const about = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
    const file = (await readdir(home)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(home, file), "utf8") : await licenceInReadme(home, about.license);
    const author = typeof about.author === "object" ? about.author.name : about.author;
    const holder = author ? `, ${author}` : name.startsWith("@tensorflow/") ? ", Google LLC" : "";
    sections.push(`${name} ${about.version}: ${about.license}${holder}\n${"=".repeat(72)}\n${text.trim()}\n`);
  }
  const apache = await readFile(join(HERE, "apache-2.0.txt"), "utf8");
  if (withApache) sections.push(`Apache License 2.0, in full\n${"=".repeat(72)}\n${apache.trim()}\n`);
  await writeFile(join(folder, "licences.txt"), sections.join("\n\n"));
}

/** One line for each file of a folder, as sha256sum writes it. @param {string} folder */
async function checksums(folder) {
  const names = (await readdir(folder)).filter((name) => name !== "SHA256SUMS").sort();
  const lines = [];
  for (const name of names) {
    const digest = createHash("sha256").update(await readFile(join(folder, name)));
    lines.push(`${digest.digest("hex")}  ${name}\n`);
  }
  return lines.join("");
}

/** @param {Bundle} own @param {string} folder */
async function buildInto(own, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeLicences(folder, await bundle(own, folder), own.apache);
  await writeFile(join(folder, "SHA256SUMS"), await checksums(folder));
}

/** Builds elsewhere and tells whether the committed files, and what is listed of them, are the same. @param {Bundle} own */
async function isUpToDate(own) {
  const fresh = await mkdtemp(join(tmpdir(), "vendor-"));
  await buildInto(own, fresh);
  const wanted = await checksums(fresh);
  await rm(fresh, { recursive: true });
  const listed = await readFile(join(own.vendor, "SHA256SUMS"), "utf8").catch(() => "");
  return wanted === listed && wanted === (await checksums(own.vendor));
}

for (const own of BUNDLES) {
  const name = relative(ROOT, own.vendor);
  if (process.argv.includes("--check")) {
    const same = await isUpToDate(own);
    console.log(same ? `${name} is what the lock builds` : `${name} differs: run \`make vendor\``);
    process.exitCode ||= same ? 0 : 1;
  } else {
    await buildInto(own, own.vendor);
    console.log(`${name}\n${await readFile(join(own.vendor, "SHA256SUMS"), "utf8")}`);
  }
}
