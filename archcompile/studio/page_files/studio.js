// Joins the editor and the drawing of one page: what lights up, and what the server asks for.
import * as marks from "./marks.js";
import * as names from "./names.js";
import {Drawing, parse} from "./drawing.js";

const state = {view: null, drawing: null, component: null, shown: null, mouse: 0, cursor: 0, box: null};
const places = new Set();

function lightUp() {
  const {drawing, view, box} = state;
  if (!drawing) return;
  const line = state.mouse || state.cursor;
  if (box) {
    drawing.light((lines, name) => name === box);
    if (view) marks.light(view, drawing.lines[box] ?? []);
  } else {
    drawing.light((lines) => lines.includes(line));
    if (view) marks.light(view, []);
  }
}

// Whether what is shown is of the text that stands there. The text is kept for a page that is loaded again
// while the connection is lost.
function onChange(doc) {
  document.body.dataset.answered = "no";
  sessionStorage.setItem(state.kept, doc.toString());
}

// What the server never got, if anything: it is offered, not taken.
function findKept(view) {
  const kept = sessionStorage.getItem(state.kept);
  if (kept === null || kept === view.state.doc.toString()) return;
  state.lost = kept;
  emitEvent("archc-kept");
}

export function bringBack() { if (state.lost !== undefined) replaceAll(state.lost); }

function onLine(kind, line) {
  if (state[kind] === line) return;
  state[kind] = line;
  state.box = null;
  // an editor must not be changed while it tells of a change
  queueMicrotask(() => { lightUp(); if (kind === "cursor") state.drawing?.reveal(); });
}

function setTheme() {
  const isDark = document.body.classList.contains("body--dark");
  state.component?.setTheme(isDark ? "vscodeDark" : "vscodeLight");
}

export async function connectEditor(id, file) {
  const component = getElement(id);
  if (!component.editor) await component.editorPromise;
  Object.assign(state, {component, view: component.editor, kept: `archc-draft ${file}`});
  findKept(component.editor);
  marks.extend(component.editor, onLine, onChange, names.namesExtension);
  if (state.early) showMarks(...state.early);
  new MutationObserver(setTheme).observe(document.body, {attributes: true, attributeFilter: ["class"]});
  setTheme();
  window.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();  // the browser would save the page
    emitEvent("archc-save");
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.body.dataset.unsaved === "yes") event.preventDefault();
  });
}

export function connectDrawing(id) {
  const place = document.getElementById(id);
  if (!place || places.has(place)) return;
  places.add(place);
  state.drawing = new Drawing(
    place,
    (box) => { if (state.box !== box) { state.box = box; lightUp(); } },
    (box) => { const line = state.drawing.lines[box]?.[0]; if (line && state.view) marks.goTo(state.view, line); },
  );
  if (state.shown) showDrawing(state.shown);
}

// An answer may come before the editor does.
export function showMarks(sum, found) {
  if (!state.view) state.early = [sum, found];
  else if (marks.show(state.view, sum, found)) document.body.dataset.answered = "yes";
}
export function showDrawing(data) {
  state.shown = data;
  state.drawing?.show(data);
  lightUp();
}
export function change(sum, changes, number) { return state.view ? marks.change(state.view, sum, changes, number) : false; }
export function replaceAll(text) {
  const {doc} = state.view.state;
  return change(marks.checksumOf(doc), [{from: 0, to: doc.length, insert: text}]);
}
export function goTo(line) { if (state.view) marks.goTo(state.view, line); }
const asked = (act) => () => { if (state.view) act(state.view); };
export const definition = asked((view) => names.definition(view)), references = asked(names.references);
export const rename = asked(names.rename), outline = asked(names.outline);
export function zoom(step) { state.drawing?.zoom(step); }
export function fit() { state.drawing?.fit(); }
export function setUnsaved(isUnsaved) { document.body.dataset.unsaved = isUnsaved ? "yes" : "no"; }

// A drawing that is only looked at.
export function showPicture(id, svg) {
  const picture = svg ? parse(svg) : null;
  document.getElementById(id)?.replaceChildren(...(picture ? [picture] : []));
}

// The line between the columns can be moved, by keys too.
export function divide() {
  const divider = document.querySelector(".divider"), main = divider?.parentElement;
  if (!main) return;
  const set = (part) => main.style.setProperty("--left", `${Math.min(75, Math.max(20, part))}%`);
  const part = () => 100 * divider.offsetLeft / main.clientWidth;
  divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) set(100 * (event.clientX - main.offsetLeft) / main.clientWidth);
  });
  divider.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -2, ArrowRight: 2}[event.key];
    if (step) set(part() + step);
  });
}
