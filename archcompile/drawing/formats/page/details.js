// What the page shows about a box, and which boxes are marked.

/** What a box stands for: its piece (none for a whole part) and nodes, in the unit that is looked at. */
function held(box) {
  const item = visible.find(({number}) => drawn[number].contains(box));
  if (!item) return null;
  const places = data.fragments[item.number].boxes[boxesOf(item.number).indexOf(box)];
  const unit = item.piece && item.piece.units[item.piece.unit];
  const nodes = item.piece ? places.map((place) => unit[place]) : item.part.pieces.flatMap((piece) => piece.units.flat());
  return {part: item.part, piece: item.piece, nodes};
}

function select(box, node = null) {
  selected = box;
  mark();
  const {part, piece, nodes} = held(box);
  if (node === null && nodes.length === 1) [node] = nodes;
  const close = make("button", {class: "close", type: "button", "aria-label": "close", onclick: deselect}, "\u00d7");
  const content = node === null ? summary(part, piece, nodes) : details(node);
  panel.replaceChildren(close, ...content.slice(0, 2), ...stepper(box, piece, node), ...content.slice(2));
  const before = canvas.clientWidth;
  panel.hidden = false;
  at.x += (canvas.clientWidth - before) / 2;
  apply();
}

function deselect() {
  const box = selected;
  selected = null;
  const before = canvas.clientWidth;
  panel.hidden = true;
  at.x += (canvas.clientWidth - before) / 2;
  apply();
  mark();
  (box?.isConnected && box.closest(".shown") ? box : canvas).focus({preventScroll: true});
}

/** Steps through the units that one drawing stands for. */
function stepper(box, piece, node) {
  if (!piece || piece.units.length === 1) return [];
  const go = (by) => () => {
    piece.unit = (piece.unit + by + piece.units.length) % piece.units.length;
    select(box, node === null ? null : piece.units[piece.unit][where[node].place]);
  };
  const label = `unit ${piece.first + piece.unit} (${piece.unit + 1} of ${piece.units.length} alike)`;
  return [make("div", {class: "units"}, make("button", {type: "button", "aria-label": "unit before", onclick: go(-1)}, "\u2039"),
    label, make("button", {type: "button", "aria-label": "next unit", onclick: go(1)}, "\u203a"))];
}

function pairs(rows) {
  return make("dl", {}, ...rows.filter(([, value]) => value !== null).flatMap(([name, value]) => [
    make("dt", {}, name), make("dd", {}, ...(Array.isArray(value) ? value : [value]))]));
}

function numbers(nodes) {
  const trainable = sum(nodes, TRAINABLE), fixed = sum(nodes, FIXED), macs = sum(nodes, MACS);
  return [["parameters", count(trainable + fixed) + (fixed ? ` (${count(fixed)} not trainable)` : "")],
    ["multiply-adds", count(macs)]];
}

function details(node) {
  const row = data.nodes[node], op = data.ops[row[OP]], {piece} = where[node];
  const inputs = row[INPUTS].map((input) => make("li", {}, link(input), ` ${data.nodes[input][SHAPE]}`));
  const values = (list, kind) => list.map(([key, value]) => make("li", kind, make("code", {}, `${key}: ${value}`)));
  const given = values(op.given, {}), preset = values(op.default, {class: "default", title: "by default"});
  return [make("h2", {}, row[NAME]), make("p", {}, row[LABEL]), pairs([
    ["op", make("code", {}, op.kind)],
    ["attributes", given.length || preset.length ? make("ul", {}, ...given, ...preset) : null],
    ["input", inputs.length ? make("ul", {}, ...inputs) : null],
    ["output shape", row[SHAPE] + (node in data.outputs ? ` (output ${data.outputs[node]})` : "")],
    ...numbers([node]),
    ["receptive field", row[FIELD]],
    ["written in", make("code", {}, row[LINE])],
    ["used at", row[USED] ? make("code", {}, row[USED]) : null],
    ["shortcut rule", row[RULE] || null],
    ["in", titled(piece)]])];
}

function summary(part, piece, nodes) {
  const list = nodes.length > 60 ? null : make("ul", {}, ...nodes.map((node) => make("li", {}, link(node))));
  const rule = piece && nodes.every((node) => data.nodes[node][RULE]) ? `shortcut of ${titled(piece)}` : null;
  return [make("h2", {}, rule ?? (piece ? titled(piece) : part.name)), make("p", {}, `${count(nodes.length)} layers`), pairs([
    ["output shape", data.nodes[nodes.at(-1)][SHAPE]],
    ...numbers(nodes),
    ["receptive field", data.nodes[nodes.at(-1)][FIELD]],
    ["used at", nodes.map((node) => data.nodes[node][USED]).find(Boolean) || null],
    ["layers", list]])];
}

function link(node) {
  return make("button", {type: "button", onclick: () => reveal(node)}, data.nodes[node][NAME]);
}

/** Unfold what hides a node, and show it. */
function reveal(node) {
  const {piece, unit, place} = where[node];
  if (partFoldable(piece.part)) piece.part.isOpen = true;
  if (foldable(piece)) piece.isOpen = true;
  piece.unit = unit;
  arrange();
  pressed(null);
  const number = piece.part.isOpen ? (piece.isOpen ? piece.open : piece.closed) : piece.part.closed;
  const boxes = data.fragments[number].boxes;
  const box = boxesOf(number)[Math.max(0, boxes.findIndex((places) => places.includes(place)))];
  select(box, node);
  centre(box);
  return box;
}

/** Show which boxes are selected and found. */
function mark() {
  if (selected && !selected.closest(".shown")) { selected = null; panel.hidden = true; }
  const found = new Set(hits);
  for (const {number, piece, part} of visible) {
    boxesOf(number).forEach((box, index) => {
      const nodes = piece ? data.fragments[number].boxes[index].flatMap((place) => piece.units.map((unit) => unit[place]))
        : part.pieces.flatMap((piece) => piece.units.flat());
      box.classList.toggle("hit", nodes.some((node) => found.has(node)));
      box.classList.toggle("selected", box === selected);
    });
  }
}
