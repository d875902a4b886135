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
