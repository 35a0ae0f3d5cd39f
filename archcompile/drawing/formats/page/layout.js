// Fragments below one another, the edges between them, and the handles that fold and unfold.

function arrange() {
  drawn.forEach((element) => element.classList.remove("shown"));
  visible = [];
  for (const part of data.parts) {
    if (!part.isOpen) visible.push({number: part.closed, part, piece: null});
    else for (const piece of part.pieces) visible.push({number: piece.isOpen ? piece.open : piece.closed, part, piece});
  }
  visible.forEach((item, row) => {
    item.size = data.fragments[item.number];
    item.reach = item.size.right;
    item.below = [];  // the runs in the gap below it
    for (const piece of item.piece ? [item.piece] : item.part.pieces) piece.row = row;
  });
  const ways = routes();
  let top = 0;
  for (const item of visible) {
    item.top = top;
    drawn[item.number].classList.add("shown");
    drawn[item.number].setAttribute("transform", `translate(${-item.size.left} ${top})`);
    top += item.size.height + GAP + TRACK * item.below.length;
  }
  byId("links").replaceChildren(...ways.map((way) => shape("path", {d: way()})));
  const left = Math.max(...visible.map((item) => item.size.left));
  bounds = {left: -left - 130, right: Math.max(...visible.map((item) => item.reach)), bottom: top - GAP};
  marks(-left - BAR);
  mark();
}

function routes() {
  const seen = new Map();
  for (const [source, node, target] of data.links) {
    const a = visible[pieces[source].row], b = visible[pieces[target].row];
    if (a === b) continue;
    const x1 = a.size.leaves[node] ?? 0, x2 = b.size.enters[node] ?? 0;
    seen.set([visible.indexOf(a), visible.indexOf(b), x1, x2].join(), {a, b, x1, x2});
  }
  const links = [...seen.values()].map((link) => ({...link, from: visible.indexOf(link.a), to: visible.indexOf(link.b)}));
  links.sort((one, other) => one.to - one.from - (other.to - other.from) || one.from - other.from);
  return links.map(route);
}

function route({a, b, x1, x2, from, to}) {
  const foot = () => a.top + a.size.height;
  if (to === from + 1 && x1 === x2) return () => `M${x1} ${foot()}V${b.top}`;
  const leave = run(a, `leave ${x1}`);
  if (to === from + 1) return () => `M${x1} ${foot()}V${foot() + leave()}H${x2}V${b.top}`;
  const between = visible.slice(from + 1, to), above = visible[to - 1];
  const lane = Math.max(...between.map((item) => item.reach)) + LANE;
  for (const item of between) item.reach = lane;
  const arrive = run(above, `arrive ${x2} ${lane}`);
  return () => `M${x1} ${foot()}V${foot() + leave()}H${lane}V${above.top + above.size.height + arrive()}H${x2}V${b.top}`;
}

/** A track in the gap below a fragment; how far below it, once all are known. */
function run(item, key) {
  if (!item.below.includes(key)) item.below.push(key);
  return () => GAP / 2 + TRACK * item.below.indexOf(key);
}

/** The stages on the left, and the handles that fold and unfold. */
function marks(x) {
  const found = [];
  for (const part of data.parts) {
    const items = visible.filter((item) => item.part === part);
    const first = items[0].top, last = items.at(-1).top + items.at(-1).size.height;
    if (part.isOpen && !isList(part)) {
      for (const item of items.filter((item) => foldable(item.piece))) {
        const {top, size} = item;
        found.push(handle(item.piece, item.piece.isOpen, titled(item.piece), x, top + 8, top, top + size.height, part.colour, 1));
      }
    }
    if (!part.shape) continue;
    const bar = partFoldable(part) ? handle(part, part.isOpen, part.name, x - 18, first + 8, first, last, part.colour, 2.5)
      : shape("path", {class: "bar", d: `M${x - 18} ${first}V${last}`, stroke: part.colour, "stroke-width": 2.5});
    found.push(bar, shape("g", {"text-anchor": "end"},
      shape("text", {x: x - 30, y: first + 12, "font-weight": "bold"}, part.name),
      shape("text", {x: x - 30, y: first + 24, "font-size": 9.5, class: "shape"}, part.shape)));
  }
  byId("marks").replaceChildren(...found);
}

function titled(piece) {
  const last = piece.first + piece.units.length - 1;
  if (piece.first === null) return piece.part.name;
  return `${piece.block}, ${piece.units.length > 1 ? `units ${piece.first} to ${last}` : `unit ${piece.first}`} of ${piece.part.name}`;
}

function handle(what, isOpen, name, x, y, top, bottom, colour, width) {
  const element = shape("g", {
    class: "handle", role: "button", tabindex: -1, "aria-expanded": isOpen, "aria-label": `${isOpen ? "fold" : "unfold"} ${name}`},
    shape("title", {}, `${isOpen ? "fold" : "unfold"} ${name}`),
    shape("path", {class: "bar", d: `M${x} ${top}V${bottom}`, stroke: colour, "stroke-width": width}),
    shape("rect", {x: x - 5.5, y: y - 5.5, width: 11, height: 11, rx: 2}), shape("path", {d: `M${x - 3} ${y}h6${isOpen ? "" : `m-3 -3v6`}`}));
  element.addEventListener("click", () => { if (!dragged) toggle(what); });
  element.target = what;
  return element;
}

function toggle(what) {
  const isOpen = !what.isOpen, row = () => visible.find((item) => item.part === what || item.piece === what || item.part === what.part);
  const before = row().top, held = document.activeElement?.target === what;
  what.isOpen = isOpen;
  if (isOpen && what.pieces && isList(what)) what.pieces[0].isOpen = true;
  arrange();
  at.y += (before - row().top) * at.k;
  apply();
  pressed(null);
  if (held) [...byId("marks").children].find((mark) => mark.target === what)?.focus({preventScroll: true});
}

function unfoldTo(level) {
  for (const piece of pieces) {
    const more = !isList(piece.part) || data.fragments[piece.closed].boxes.length > 1;  // than its own box tells
    piece.part.isOpen = partFoldable(piece.part) && (level === "layer" || (level === "block" && more));
    piece.isOpen = level === "layer" && foldable(piece);
  }
  arrange();
  pressed(level);
}

function pressed(level) {
  for (const button of document.querySelectorAll("[data-level]")) button.setAttribute("aria-pressed", button.dataset.level === level);
}
