// Prints the N-Quads that jsonld.js reads from a file; nothing is fetched.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [package_, file] = process.argv.slice(2);
const jsonld = createRequire(package_)("jsonld");
const documentLoader = async (url) => {
  throw new Error(`${url} would be fetched`);
};
const document = JSON.parse(readFileSync(file, "utf-8"));
process.stdout.write(await jsonld.toRDF(document, { format: "application/n-quads", documentLoader }));
