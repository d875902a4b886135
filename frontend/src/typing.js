// The field that queries are written in: CodeMirror in a shadow root, so that its style sheets are objects
// (adoptedStyleSheets) and no style element stands in the page, which the site's Content-Security-Policy would refuse.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintKeymap, linter } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";
import { completions } from "./words.js";

const mono = 'ui-monospace, "Cascadia Code", Menlo, "DejaVu Sans Mono", monospace';

// Colours are the page's own tokens; they reach into the shadow root and follow light and dark.
const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: ".95rem", minHeight: "14rem", maxHeight: "clamp(14rem, 100vh - 28rem, 36rem)" },
  "&.cm-focused": { outline: "3px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: mono, lineHeight: "1.5", minHeight: "14rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".6rem 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--soft)", border: "0", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "transparent", boxShadow: "inset 0 1px var(--line), inset 0 -1px var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--chosen)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--chosen)", outline: "1px solid var(--soft)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--wrong)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--soft)", maxWidth: "min(30rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: mono, maxHeight: "16rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".3rem .6rem", minHeight: "24px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--paper)" },
  ".cm-completionDetail": { color: "inherit", marginLeft: "1em" },
  ".cm-completionInfo": { padding: ".4rem .7rem" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--wrong)", textUnderlineOffset: ".25em" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--wrong)" },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: "var(--syntax-keyword)", fontWeight: "600" },
    { tag: tags.variableName, color: "var(--syntax-variable)" },
    { tag: [tags.string, tags.annotation, tags.typeName], color: "var(--syntax-text)" },
    { tag: [tags.integer, tags.float, tags.bool], color: "var(--syntax-number)" },
    { tag: [tags.namespace, tags.url], color: "var(--syntax-name)" },
    { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  ]),
);

/** Return where the grammar does not hold: the first place only, since the rest follows from it. */
function faults(view) {
  const { doc } = view.state;
  if (!doc.toString().trim()) return [];
  let from = -1;
  syntaxTree(view.state).iterate({
    enter(node) {
      if (from < 0 && node.type.isError) from = node.from;
    },
  });
  if (from < 0) return [];
  const line = doc.lineAt(from);
  const start = Math.min(from, Math.max(line.from, line.to - 1));
  return [{ from: start, to: Math.max(start, Math.min(line.to, start + 12)), severity: "error", message: "SPARQL does not allow this here." }];
}

/**
 * Put an editor into a host element and return what the page needs of it.
 * `run` is called on Ctrl+Enter (Command+Enter), `changed` after every change; `words` gives terms to complete with.
 */
export function typing(host, { text, label, help, run, changed, words }) {
  const shadow = host.attachShadow({ mode: "open" });
  const note = document.createElement("p");
  note.id = "help";
  note.hidden = true; // it describes the field to screen readers; on the page it stands above
  note.textContent = help;
  shadow.append(note);
  const view = new EditorView({
    parent: shadow,
    root: shadow,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }, { key: "Ctrl-Enter", run: () => (run(), true) }])),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        EditorView.lineWrapping,
        SparqlLanguage,
        SparqlLanguage.data.of({ commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "{", "[", '"'] } }),
        autocompletion({ override: [(context) => completions(context, words)], icons: false }),
        linter(faults, { delay: 700 }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        look,
        colours,
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "help", tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value }, selection: { anchor: 0 } });
    },
    focus: () => view.focus(),
    /** Put the cursor where the server says that the query is wrong. */
    goTo(line, column) {
      if (line > view.state.doc.lines) return;
      const found = view.state.doc.line(line);
      view.dispatch({ selection: { anchor: Math.min(found.to, found.from + Math.max(0, column - 1)) }, scrollIntoView: true });
    },
  };
}
