// What the editor shows besides its text: squiggles, shapes behind lines, the lit line, words at the mouse, completion.
// None of it goes through properties of the element: setting one sends an older text back and swallows keys.
import * as CM from "nicegui-codemirror";

const setMarks = CM.StateEffect.define();
const setLit = CM.StateEffect.define();
const turn = CM.StateEffect.define();  // a change of other files, by the number that the server gave it

// Undo and redo turn the changes of other files with those of the text.
const turning = [
  CM.invertedEffects.of(({effects}) => effects.filter((effect) => effect.is(turn))
    .map(({value}) => turn.of({...value, isUndone: !value.isUndone}))),
  CM.EditorView.updateListener.of(({transactions}) => {
    for (const transaction of transactions)
      if (transaction.isUserEvent("undo") || transaction.isUserEvent("redo"))
        for (const effect of transaction.effects) if (effect.is(turn)) emitEvent("archc-turn", effect.value);
  }),
];

class Hint extends CM.WidgetType {
  constructor(text, tooltip) { super(); this.text = text; this.tooltip = tooltip; }
  eq(other) { return other.text === this.text && other.tooltip === this.tooltip; }
  toDOM() {
    const span = document.createElement("span");
    span.className = "archc-hint";
    span.textContent = this.text;
    if (this.tooltip) span.title = this.tooltip;
    return span;
  }
}

// as `checksum` in draft.py counts: adler32 of the UTF-16 units
export function checksum(text) {
  let a = 1, b = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = (a + (unit & 255)) % 65521; b = (b + a) % 65521;
    a = (a + (unit >> 8)) % 65521; b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

// The checksum is counted once for a text, not once for every question.
let counted = {doc: null, sum: 0};
export function checksumOf(doc) {
  if (counted.doc !== doc) counted = {doc, sum: checksum(doc.toString())};
  return counted.sum;
}

function ranges(marks, length) {
  const all = [];
  for (const {from, to, severity} of marks.findings)
    if (to <= length) all.push(CM.Decoration.mark({class: `archc-${severity}`}).range(from, to));
  for (const {at, text, tooltip} of marks.hints)
    if (at <= length) all.push(CM.Decoration.widget({widget: new Hint(text, tooltip), side: 1}).range(at));
  return CM.Decoration.set(all, true);
}

const markField = CM.StateField.define({
  create: () => ({set: CM.Decoration.none, findings: []}),
  update(value, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setMarks))
        return {set: ranges(effect.value, transaction.newDoc.length), findings: effect.value.findings};
    if (!transaction.docChanged) return value;
    const moved = (place, side) => transaction.changes.mapPos(place, side);
    const findings = value.findings.map((f) => ({...f, from: moved(f.from, 1), to: moved(f.to, -1)}));
    return {set: value.set.map(transaction.changes), findings};
  },
  provide: (field) => CM.EditorView.decorations.from(field, (value) => value.set),
});

const litField = CM.StateField.define({
  create: () => CM.Decoration.none,
  update(set, transaction) {
    set = set.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(setLit)) {
        const {doc} = transaction.state;
        const lines = [...effect.value].filter((line) => line >= 1 && line <= doc.lines).sort((a, b) => a - b);
        set = CM.Decoration.set(lines.map((line) => CM.Decoration.line({class: "archc-lit"}).range(doc.line(line).from)));
      }
    return set;
  },
  provide: (field) => CM.EditorView.decorations.from(field),
});

export async function ask(path, view, offset) {
  const {doc} = view.state;
  const body = JSON.stringify({checksum: checksumOf(doc), offset});
  const response = await fetch(path, {method: "POST", body, headers: {"Content-Type": "application/json"}});
  const answer = response.ok ? await response.json() : null;
  return view.state.doc === doc ? answer : null;  // the text has gone on
}

function wordsAt(view, offset) {
  const {findings} = view.state.field(markField);
  return findings.filter((f) => f.from <= offset && offset <= f.to && f.from < f.to);
}

const hover = CM.hoverTooltip(async (view, offset) => {
  const findings = wordsAt(view, offset);
  const answer = await ask("/hover", view, offset).catch(() => null);
  if (!findings.length && !answer) return null;
  return {
    pos: answer ? answer.from : findings[0].from, end: answer ? answer.to : findings[0].to, above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "archc-words";
      for (const {severity, words} of findings) {
        const line = dom.appendChild(document.createElement("div"));
        line.className = `words ${severity}`;
        line.textContent = words;
      }
      if (answer) dom.appendChild(document.createElement("div")).setHTML(answer.html);
      return {dom};
    },
  };
}, {hoverTime: 250});

// Who has typed a word to its end and presses Enter wants a new line, whatever is offered below it.
let key = null;
const apply = (words) => (view, option, from, to) => {
  if (key === "Enter" && view.state.sliceDoc(from, to) === words) CM.insertNewlineAndIndent(view);
  else view.dispatch({changes: {from, to, insert: words}, selection: {anchor: from + words.length}, userEvent: "input.complete", scrollIntoView: true});
};

function completing(view) {
  return async (context) => {
    const before = context.matchBefore(/[\w$.-]+/);
    if (!before && !context.explicit && !/[\s{,[:(]$/.test(context.state.sliceDoc(Math.max(0, context.pos - 1), context.pos))) return null;
    const options = await ask("/complete", view, context.pos).catch(() => null);
    if (!options || !options.length || context.aborted) return null;
    const from = Math.min(...options.map((option) => option.from));
    return {
      from, to: Math.max(context.pos, ...options.map((option) => option.to)),
      options: options.map(({label, type, detail, info, insert}, place) =>  // in this order, and not from a to z
        ({label, type, detail, info: info || undefined, apply: apply(insert), boost: -Math.min(place, 99)})),
      validFor: /^[\w$.-]*$/,
    };
  };
}

// A new line: below `key:` further in, below `- step` where the next step begins, else where the line above begins.
const indentation = CM.indentService.of((context, offset) => {
  const {text} = context.lineAt(offset, -1);
  const [all, blank, dash] = /^( *)(- +)?/.exec(text), words = text.slice(all.length).replace(/(^|\s)#.*$/, "").trimEnd();
  const count = (signs) => [...words].filter((letter) => signs.includes(letter)).length;
  if (count("[{") !== count("]}")) return undefined;  // CodeMirror's own
  return blank.length + (/(:|: *[|>][-+]?)$/.test(words) ? 2 + (dash ?? "").length : 0);
});

// The list of findings below the editor grows and shrinks: a cursor that was seen is not covered by it.
function keepCursorShown(view) {
  const {scrollDOM} = view;
  let isShown = true;
  const look = () => view.requestMeasure({read: () => {
    const cursor = view.coordsAtPos(view.state.selection.main.head), frame = scrollDOM.getBoundingClientRect();
    isShown = cursor !== null && cursor.top >= frame.top && cursor.bottom <= frame.bottom;
  }});
  scrollDOM.addEventListener("scroll", look);
  for (const kind of ["keyup", "mouseup"]) view.dom.addEventListener(kind, look);
  new ResizeObserver(() => {
    if (isShown) view.dispatch({effects: CM.EditorView.scrollIntoView(view.state.selection.main.head, {yMargin: 2})});
  }).observe(scrollDOM);
}

export function extend(view, onLine, onChange, more) {
  const source = completing(view);
  for (const kind of ["keydown", "mousedown"]) view.dom.addEventListener(kind, (event) => { key = event.key ?? null; }, true);
  const lineAt = (event) => {
    const offset = view.posAtCoords({x: event.clientX, y: event.clientY});
    return offset === null ? 0 : view.state.doc.lineAt(offset).number;
  };
  keepCursorShown(view);
  view.dispatch({effects: CM.StateEffect.appendConfig.of([
    markField, litField, hover, more, turning, CM.Prec.highest(indentation),
    CM.EditorState.languageData.of(() => [{autocomplete: source}]),
    CM.EditorView.domEventHandlers({
      mousemove: (event) => { onLine("mouse", lineAt(event)); },
      mouseleave: () => { onLine("mouse", 0); },
    }),
    CM.EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc);
      if (update.selectionSet || update.docChanged)
        onLine("cursor", update.state.doc.lineAt(update.state.selection.main.head).number);
    }),
    CM.EditorView.contentAttributes.of({"aria-label": "The spec", spellcheck: "false"}),
  ])});
}

// Marks belong to one text: those of an older one are thrown away.
export function show(view, sum, marks) {
  if (checksumOf(view.state.doc) !== sum) return false;
  view.dispatch({effects: setMarks.of(marks)});
  return true;
}

export function light(view, lines) {
  view.dispatch({effects: setLit.of(lines)});
}

// A change that somebody asked for, of the text that was seen; undo takes it back.
export function change(view, sum, changes, number = null) {
  if (checksumOf(view.state.doc) !== sum) return false;
  const effects = number === null ? [] : [turn.of({number, isUndone: false})];
  view.dispatch({changes, effects, userEvent: "input.archc", annotations: CM.isolateHistory.of("full"), scrollIntoView: true});
  view.focus();
  return true;
}

export function goToOffset(view, offset) {
  view.dispatch({selection: {anchor: offset}, effects: CM.EditorView.scrollIntoView(offset, {y: "center"})});
  view.focus();
}

export function goTo(view, line) {
  const {doc} = view.state;
  if (line < 1 || line > doc.lines) return;
  goToOffset(view, doc.line(line).from);
}
