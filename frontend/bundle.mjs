// Bundles the editor into one folder: `node bundle.mjs FOLDER`. Beside the script stand the licences of what is in it.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "..", "imr_graph", "website", "static", "editor"));
// What may be passed on inside the wheel; another licence ends the build.
const allowed = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"]);

/** Return the folders of the packages whose files are in the bundle. */
function packages(inputs) {
  const found = new Set();
  for (const file of Object.keys(inputs)) {
    const parts = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
    if (parts) found.add(parts[1]);
  }
  return [...found].sort();
}

/** Return the notice of one package: its name, version, licence, and the licence's text. */
function notice(folder) {
  const about = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
  if (!allowed.has(about.license)) throw new Error(`${about.name} has the licence ${about.license}: it may not be bundled.`);
  const file = readdirSync(join(here, folder)).find((name) => /^licen[cs]e/i.test(name));
  if (!file) throw new Error(`${about.name} comes without the text of its licence: it may not be bundled.`);
  const text = readFileSync(join(here, folder, file), "utf8").trim();
  return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
}

const made = await build({
  absWorkingDir: here,
  entryPoints: ["src/editor.js"],
  outdir: target,
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none", // the notices are in a file of their own
  metafile: true,
  logLevel: "warning",
});
const notices = packages(made.metafile.inputs).map(notice);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "THIRD-PARTY.txt"), `The script editor.js contains:\n\n${notices.join("\n---\n\n")}`);
