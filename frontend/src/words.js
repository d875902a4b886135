// What the editor completes with: terms of the ontology and prefixes that the server names, and the query's variables.

const keywords =
  "SELECT DISTINCT WHERE FILTER VALUES BIND UNION MINUS EXISTS OPTIONAL GROUP BY ORDER BY HAVING LIMIT OFFSET COUNT SUM AVG MIN MAX CONSTRUCT DESCRIBE ASK PREFIX"
    .split(" ")
    .filter((word, position, all) => all.indexOf(word) === position)
    .map((label) => ({ label, type: "keyword", boost: -2 }));

/** Return a change that puts in a word and, where its prefix is not declared yet, the line that declares it. */
function put(word, prefixes) {
  const prefix = word.slice(0, word.indexOf(":"));
  return (view, _completion, from, to) => {
    const text = view.state.doc.toString();
    const known = new RegExp(`^\\s*PREFIX\\s+${prefix}:`, "im").test(text);
    const changes = [{ from, to, insert: word }];
    let before = 0;
    if (!known && prefixes[prefix]) {
      const line = `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
      const at = /^(?:#[^\n]*\n|\s*\n)*/.exec(text)[0].length; // below the remarks at the top
      changes.unshift({ from: at, insert: line });
      before = line.length;
    }
    view.dispatch({ changes, selection: { anchor: from + before + word.length }, userEvent: "input.complete" });
  };
}

function terms(words) {
  return words.terms.map(({ name, label, comment, kind }) => ({
    label: name,
    detail: label,
    info: comment,
    type: kind,
    apply: put(name, words.prefixes),
  }));
}

/** Return the completions at a place of the query, null where there is nothing to complete. */
export async function completions(context, given) {
  const words = await given;
  const declared = context.matchBefore(/PREFIX\s+[\w-]*:?$/i);
  if (declared) {
    const from = declared.from + /^PREFIX\s+/i.exec(declared.text)[0].length;
    return { from, options: Object.entries(words.prefixes).map(([name, iri]) => ({ label: `${name}: <${iri}>`, type: "namespace" })) };
  }
  const variable = context.matchBefore(/[?$]\w*/);
  if (variable) {
    const found = new Set(context.state.doc.toString().match(/[?$]\w+/g) ?? []);
    found.delete(variable.text);
    return { from: variable.from, options: [...found].map((label) => ({ label, type: "variable" })), validFor: /^[?$]\w*$/ };
  }
  const word = context.matchBefore(/[A-Za-z][\w-]*(?::[\w-]*)?/);
  if (!word && !context.explicit) return null;
  const from = word ? word.from : context.pos;
  return { from, options: [...terms(words), ...keywords], validFor: /^[\w-]*(?::[\w-]*)?$/ };
}

/** Return how many letters have to change to make one word of another, whatever their case. */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1].toLowerCase() === other[j - 1].toLowerCase();
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (same ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length];
}

/** Return the terms of a query that the ontology does not have, each with the nearest one, if any is near. */
export function unknownTerms(query, words) {
  const known = words.terms.map((term) => term.iri.slice(words.ontology.length));
  const written = query.replace(/^\s*#.*$/gm, "").replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const found = new Set([...written.matchAll(/\bimr:([A-Za-z]\w*)/g)].map((match) => match[1]));
  for (const [, iri] of written.matchAll(/<([^<>\s]*)>/g)) {
    if (iri.startsWith(words.ontology) && iri !== words.ontology) found.add(iri.slice(words.ontology.length));
  }
  return [...found]
    .filter((name) => !known.includes(name))
    .slice(0, 5)
    .map((name) => {
      const ranked = known.map((other) => [distance(name, other), other]).sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
      const [apart, near] = ranked[0] ?? [Infinity];
      return { name, near: apart <= Math.max(2, name.length / 3) ? near : undefined };
    });
}
