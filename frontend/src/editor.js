// The page for queries: what the form does without a script, with an editor, a table and downloads.

import { element, table, unnamed } from "./answers.js";
import { typing } from "./typing.js";
import { unknownTerms } from "./words.js";

const form = document.getElementById("ask");
const field = document.getElementById("query");
const out = document.getElementById("answer");
const status = document.getElementById("status");
const endpoint = form.getAttribute("action");
// What the server knows of its data, with the addresses of its pages, which the form carries.
const words = fetch(form.dataset.words)
  .then((response) => response.json())
  .then((known) => ({ ...known, pages: { resources: form.dataset.resources, ontology: form.dataset.ontology } }));
let running = null; // what can stop the query under way
let asked = ""; // the query that the answer below belongs to

const byId = (id) => document.getElementById(id);
const say = (text) => (status.textContent = text);
const accepts = { json: "application/sparql-results+json", csv: "text/csv", tsv: "text/tab-separated-values", ttl: "text/turtle", nt: "application/n-triples", jsonld: "application/ld+json" };

function post(query, accept, signal) {
  return fetch(endpoint, { method: "POST", body: query, signal, headers: { "content-type": "application/sparql-query", accept } });
}

/** Return the query that the address carries behind its #, null where there is none. */
function shared() {
  return new URLSearchParams(location.hash.slice(1)).get("query");
}

function share(query) {
  history.replaceState(null, "", `#query=${encodeURIComponent(query)}`);
}

async function run() {
  running?.abort();
  const control = (running = new AbortController());
  const query = (asked = editor.text);
  share(query);
  byId("stop").hidden = false;
  out.setAttribute("aria-busy", "true");
  say("Running …");
  const begun = performance.now();
  try {
    const response = await post(query, `${accepts.json}, ${accepts.ttl};q=0.9`, control.signal);
    const text = await response.text();
    if (!response.ok) return wrong(text);
    const cut = response.headers.get("imr-cut");
    await show(response.headers.get("content-type") ?? "", text, cut, performance.now() - begun);
  } catch (error) {
    if (error.name === "AbortError") say(control === running ? "Stopped." : "Running …");
    else wrong("The server could not be reached. Is it still running?");
  } finally {
    if (control === running) {
      running = null;
      byId("stop").hidden = true;
      out.removeAttribute("aria-busy");
    }
  }
}

function wrong(sentence) {
  out.replaceChildren(element("p", { class: "warning", role: "alert" }, sentence.trim()));
  say("");
  const place = /line (\d+), column (\d+)/.exec(sentence);
  if (place) editor.goTo(Number(place[1]), Number(place[2]));
}

async function show(type, text, cut, milliseconds) {
  const site = await words;
  const took = `${(milliseconds / 1000).toFixed(2)} s`;
  const shown = [];
  for (const { name, near } of unknownTerms(asked, site)) {
    const way = near ? ["Did you mean ", element("a", { href: `${site.pages.ontology}#${near}` }, `imr:${near}`), "?"] : [element("a", { href: site.pages.ontology }, "See the ontology"), "."];
    shown.push(element("p", { class: "warning", "data-unknown": name }, `The ontology has no term imr:${name}. `, ...way));
  }
  if (cut) shown.push(element("p", { class: "warning" }, `This is not the whole answer: the server's limit of ${cut} cut it. Ask for less at a time.`));
  if (!type.includes("json")) {
    shown.push(downloads(["ttl", "nt", "jsonld"]), element("pre", { tabindex: "0", role: "region", "aria-label": "The graph as Turtle" }, text));
    say(`A graph, in ${took}.`);
  } else {
    const answer = JSON.parse(text);
    if (typeof answer.boolean === "boolean") {
      shown.push(element("p", { class: "lead" }, answer.boolean ? "Yes." : "No."));
      say(`Answered in ${took}.`);
    } else {
      const count = answer.results.bindings.length;
      const caption = `${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"}, in ${took}`;
      shown.push(downloads(["csv", "tsv", "json"]));
      shown.push(...(count ? table(answer, site, await names(answer, site), caption) : [element("p", {}, "The query is answered: nothing fits it.")]));
      say(`${caption}.`);
    }
  }
  out.replaceChildren(element("h2", {}, "Answer"), ...shown);
}

/** Return the names of the nodes of an answer, by their IRIs. */
async function names(answer, site) {
  const found = new Map(site.terms.map((term) => [term.iri, term.label]));
  const missing = unnamed(answer, site);
  if (!missing.length) return found;
  const values = missing.map((iri) => `<${iri}>`).join(" ");
  const response = await post(`SELECT ?x ?name WHERE { VALUES ?x { ${values} } ?x <${site.prefixes.skos}prefLabel> ?name }`, accepts.json);
  if (response.ok) for (const row of (await response.json()).results.bindings) found.set(row.x.value, row.name.value);
  return found;
}

function downloads(kinds) {
  const titles = { csv: "CSV", tsv: "TSV", json: "JSON", ttl: "Turtle", nt: "N-Triples", jsonld: "JSON-LD" };
  const buttons = kinds.map((kind) => {
    const button = element("button", { type: "button", class: "quiet", "data-download": kind }, titles[kind]);
    button.addEventListener("click", () => save(kind));
    return button;
  });
  return element("div", { class: "downloads", role: "group", "aria-label": "Download the answer" }, element("span", { "aria-hidden": "true" }, "Download"), ...buttons);
}

async function save(kind) {
  const response = await post(asked, accepts[kind]);
  if (!response.ok) return wrong(await response.text());
  const address = URL.createObjectURL(await response.blob());
  const link = element("a", { href: address, download: `answer.${kind}` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  say(`answer.${kind} is downloaded.`);
}

async function copy() {
  share(editor.text);
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied: whoever opens it finds this query.");
  } catch {
    say("The link is in the address bar: whoever opens it finds this query.");
  }
}

async function choose(event) {
  const link = event.target.closest("a[data-example]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const example = (await words).examples[link.dataset.example];
  editor.text = example.sparql;
  share(example.sparql);
  say(`${example.title}: the query is in the editor.`);
  editor.focus();
}

const host = element("div", { class: "editor", id: "editor" });
field.before(host);
const editor = typing(host, {
  text: shared() ?? field.value,
  label: "SPARQL query",
  help: byId("keys").textContent,
  run,
  changed: (text) => (field.value = text),
  words,
});
field.hidden = true;
document.body.classList.add("with-editor");
field.value = editor.text;
for (const hidden of document.querySelectorAll("[data-with-editor]")) hidden.hidden = false;
for (const plain of document.querySelectorAll("[data-without-editor]")) plain.hidden = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
byId("stop").addEventListener("click", () => running?.abort());
byId("copy").addEventListener("click", copy);
byId("examples").addEventListener("click", choose);
window.addEventListener("hashchange", () => {
  const query = shared();
  if (query !== null && query !== editor.text) editor.text = query;
});
