// Names: where they are defined and used, a new one, and the outline. A file that is not open is shown, not edited.
import * as CM from "nicegui-codemirror";
import {ask, checksumOf, goToOffset} from "./marks.js";

let panel = null;

function element(name, className, words, parent) {
  const made = document.createElement(name);
  made.className = className;
  if (words !== undefined) made.textContent = words;
  parent?.append(made);
  return made;
}

// Taking it away moves the focus, which must not find it there.
function clear() {
  const old = panel;
  panel = null;
  old?.remove();
}

function close(view) {
  clear();
  view.focus();
}

// Above the editor, until Escape or a click elsewhere.
function open(view, label) {
  clear();
  panel = element("div", "panel");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", label);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); close(view); } });
  panel.addEventListener("focusout", (event) => { if (!panel?.contains(event.relatedTarget)) clear(); });
  document.querySelector(".writing").append(panel);
  return panel;
}

// Rows with words, to be filtered by typing and chosen by arrows and Enter, or by the mouse.
// What is typed before the rows have come goes into the filter, not into the text.
async function pick(view, label, coming, choose) {
  const place = open(view, label), input = element("input", "filter", undefined, place), list = element("ul", "entries", undefined, place);
  input.placeholder = input.ariaLabel = label;
  list.setAttribute("role", "listbox");
  let rows = [], shown = [], at = 0;
  const take = (row) => { close(view); choose(row); };
  const light = () => {
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === at));
    list.children[at]?.scrollIntoView({block: "nearest"});
  };
  const fill = () => {
    const typed = input.value.toLowerCase();
    shown = rows.filter((row) => `${row.words} ${row.detail}`.toLowerCase().includes(typed));
    at = 0;
    list.replaceChildren(...shown.map((row) => {
      const item = element("li", "entry");
      item.setAttribute("role", "option");
      item.style.paddingLeft = `${0.8 + row.depth * 1.2}em`;
      element("span", "words", row.words, item);
      element("span", "detail", row.detail, item);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(row); });
      return item;
    }));
    light();
  };
  input.addEventListener("input", fill);
  input.addEventListener("keydown", (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && shown.length) { event.preventDefault(); at = (at + step + shown.length) % shown.length; light(); }
    if (event.key === "Enter" && shown[at]) { event.preventDefault(); take(shown[at]); }
  });
  input.focus();
  rows = await coming ?? [];
  fill();
}

// The text of a file that is not open, at a line.
function peek(view, {words, line}, lines) {
  const place = open(view, words), head = element("div", "title", words, place);
  element("span", "detail", "read only; Esc closes", head);
  const text = element("div", "text-of-other", undefined, place);
  lines.forEach((words, i) => {
    const row = element("div", i + 1 === line ? "line archc-lit" : "line", undefined, text);
    element("span", "number", `${i + 1}`, row);
    element("span", "words", words, row);
  });
  text.tabIndex = 0;
  text.focus();
  text.children[line - 1]?.scrollIntoView({block: "center"});
}

function tell(view, words) {
  const place = open(view, words);
  element("div", "title", words, place).tabIndex = 0;
  place.firstChild.focus();
}

const visit = (view, answer) => (row) =>
  row.at === null ? peek(view, row, answer.texts[row.file]) : goToOffset(view, row.at);

async function places(path, view, offset, label) {
  const answer = await ask(path, view, offset).catch(() => null);
  if (!answer) return;
  const {places} = answer;
  if (!places.length) tell(view, "Nothing here has a definition.");
  else if (places.length === 1) visit(view, answer)(places[0]);
  else pick(view, label, places, visit(view, answer));
}

const cursor = (view) => view.state.selection.main.head;
export const definition = (view, offset = cursor(view)) => places("/definition", view, offset, "Where it stands");
export const references = (view) => places("/references", view, cursor(view), "All uses");
export const rename = (view) => emitEvent("archc-rename", {checksum: checksumOf(view.state.doc), offset: cursor(view)});
export const outline = (view) => pick(view, "Outline", ask("/outline", view, 0).catch(() => []), (row) => goToOffset(view, row.at));

const key = (name, act) => ({key: name, preventDefault: true, run: (view) => { act(view); return true; }});
export const namesExtension = [
  CM.Prec.high(CM.keymap.of([
    key("F12", (view) => definition(view)), key("Shift-F12", references), key("F2", rename), key("Mod-Shift-o", outline),
  ])),
  CM.EditorView.domEventHandlers({
    mousedown: (event, view) => {
      if (!(event.ctrlKey || event.metaKey) || event.button) return false;
      const offset = view.posAtCoords({x: event.clientX, y: event.clientY});
      if (offset === null) return false;
      definition(view, offset);
      return true;
    },
  }),
];
