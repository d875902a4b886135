// Answers of the endpoint as a page shows them: a table, a yes or no, or the text of a graph. Text is only ever set as
// text, never as markup.

const shown = 200; // rows at a time
const long = 320; // characters of a value, above which it is folded
const numeric = /#(integer|decimal|double|float|int|long|gYear|nonNegativeInteger)$/;

/** Return an element with attributes and children; a child that is a string becomes text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Return where the site tells more about an IRI, or the IRI itself where it is on the web; else undefined. */
function target(iri, site) {
  for (const base of site.bases) if (iri.startsWith(base)) return `${site.pages.resources}/${encodeURIComponent(iri.slice(base.length))}`;
  if (iri.startsWith(site.ontology)) return `${site.pages.ontology}#${encodeURIComponent(iri.slice(site.ontology.length))}`;
  return /^https?:\/\//.test(iri) ? iri : undefined;
}

/** Return an IRI as people read it: its name where the graph tells one, else its short form. */
function spoken(iri, site, names) {
  if (names.has(iri)) return names.get(iri);
  for (const base of site.bases) if (iri.startsWith(base)) return iri.slice(base.length);
  for (const [prefix, start] of Object.entries(site.prefixes)) if (iri.startsWith(start)) return `${prefix}:${iri.slice(start.length)}`;
  return iri;
}

function cell(value, name, site, names) {
  if (!value) return "";
  if (value.type === "uri") {
    const text = name ?? spoken(value.value, site, names);
    const href = target(value.value, site);
    return href ? element("a", { href, rel: href.startsWith("/") ? undefined : "noreferrer" }, text) : text;
  }
  if (value.value.length <= long) return value.value;
  return element("details", {}, element("summary", {}, `${value.value.slice(0, 140)} …`), value.value);
}

function compared(one, other) {
  if (!one || !other) return one ? -1 : other ? 1 : 0;
  if (numeric.test(one.datatype ?? "") && numeric.test(other.datatype ?? "")) return Number(one.value) - Number(other.value);
  return one.value.localeCompare(other.value, undefined, { numeric: true });
}

/** Return the variables that are columns: the names of nodes (`pageLabel` of `page`) stand with their nodes. */
function columns(variables) {
  return variables.filter((name) => !(name.endsWith("Label") && variables.includes(name.slice(0, -5))));
}

/** Return the IRIs of an answer that have no name yet, at most so many. */
export function unnamed(answer, site, most = 300) {
  const { vars } = answer.head;
  const found = new Set();
  for (const row of answer.results.bindings) {
    for (const name of columns(vars)) {
      const value = row[name];
      const fits = value?.type === "uri" && !row[`${name}Label`] && site.bases.some((base) => value.value.startsWith(base));
      if (fits && !/[\s<>"{}|\\^`]/.test(value.value)) found.add(value.value);
    }
    if (found.size >= most) break;
  }
  return [...found].slice(0, most);
}

/** Return the table of a SELECT: its columns can be sorted, and long ones come a piece at a time. */
export function table(answer, site, names, caption) {
  const names_ = columns(answer.head.vars);
  let rows = answer.results.bindings;
  let sorted = { name: null, down: false };
  let count = shown;
  const body = element("tbody");
  const more = element("button", { type: "button", class: "quiet" });
  const buttons = new Map();
  const isNumber = (name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || numeric.test(row[name].datatype ?? ""));
  const numbers = new Set(names_.filter(isNumber));

  function draw() {
    const draft = rows.slice(0, count).map((row) =>
      element("tr", {}, ...names_.map((name) => element("td", numbers.has(name) ? { class: "number" } : {}, cell(row[name], row[`${name}Label`]?.value, site, names)))),
    );
    body.replaceChildren(...draft);
    more.hidden = count >= rows.length;
    more.textContent = `Show ${Math.min(shown, rows.length - count).toLocaleString("en")} more of ${rows.length.toLocaleString("en")} rows`;
  }
  function sort(name) {
    sorted = { name, down: sorted.name === name && !sorted.down };
    const key = (row) => row[`${name}Label`] ?? row[name];
    rows = [...answer.results.bindings].sort((a, b) => (sorted.down ? -1 : 1) * compared(key(a), key(b)));
    for (const [other, head] of buttons) {
      head.removeAttribute("aria-sort");
      if (other === name) head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    }
    draw();
  }
  const heads = names_.map((name) => {
    const button = element("button", { type: "button", class: "sort" }, name);
    button.addEventListener("click", () => sort(name));
    const head = element("th", { scope: "col", class: numbers.has(name) ? "number" : undefined }, button);
    buttons.set(name, head);
    return head;
  });
  more.addEventListener("click", () => {
    count += shown;
    draw();
  });
  draw();
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, ...heads)), body);
  return [element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows of the answer" }, made), more];
}
