// What the page knows, and small tools. All files of this folder become one script with one scope, in the order of html.py.

const data = JSON.parse(document.getElementById("data").textContent);
const [NAME, LABEL, OP, SHAPE, INPUTS, TRAINABLE, FIXED, MACS, FIELD, LINE, USED, RULE] = Array(12).keys();
const SVG = "http://www.w3.org/2000/svg";
const GAP = 12, TRACK = 6, LANE = 14, BAR = 12, STEP = 60;  // in units of the drawing; STEP in pixels of the screen
const byId = (id) => document.getElementById(id);
const canvas = byId("canvas"), view = byId("view"), panel = byId("panel"), search = byId("search");
const drawn = [...document.querySelectorAll(".fragment")];
const pieces = [];  // in the order in which links number them
const where = [];   // of each node: its piece, unit, and place in it
for (const part of data.parts) {
  part.isOpen = false;
  for (const piece of part.pieces) {
    Object.assign(piece, {part, isOpen: false, unit: 0});
    pieces.push(piece);
    piece.units.forEach((unit, at) => unit.forEach((node, place) => { where[node] = {piece, unit: at, place}; }));
  }
}
let at = {x: 0, y: 0, k: 1};       // where the drawing stands, and its scale
let bounds = {left: 0, right: 0, bottom: 0};
let visible = [];                  // the fragments that are shown, from above: {number, part, piece, top}
let selected = null;               // the box whose details are shown
let hits = [], current = -1;       // nodes that the search found, and the one it stands at

function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value); else element.setAttribute(key, value);
  }
  element.append(...content);
  return element;
}

function shape(name, attributes, ...content) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

const count = (number) => number.toLocaleString("en");
const sum = (nodes, column) => nodes.reduce((total, node) => total + data.nodes[node][column], 0);
const foldable = (piece) => piece.units[0].length > 1;
const isList = (part) => part.pieces.length === 1 && part.pieces[0].first === null;  // steps, not units
const partFoldable = (part) => part.pieces.length > 1 || foldable(part.pieces[0]);
const boxesOf = (number) => [...drawn[number].querySelectorAll("[data-node]")];
