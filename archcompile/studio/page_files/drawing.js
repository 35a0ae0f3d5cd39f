// The drawing: only shapes and words of it come into the page, it can be scaled, and its boxes light up.
const ELEMENTS = new Set(["svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc", "defs", "marker"]);
const FORBIDDEN = /^(on|href$|xlink:|style$)/i;
const LEAST = 0.1, MOST = 8;

function clean(element) {
  for (const child of [...element.children])
    if (ELEMENTS.has(child.localName) && child.namespaceURI === "http://www.w3.org/2000/svg") clean(child);
    else child.remove();
  for (const {name, value} of [...element.attributes])
    if (FORBIDDEN.test(name) || /url\((?!#)/i.test(value)) element.removeAttribute(name);
}

export function parse(text) {
  const {documentElement} = new DOMParser().parseFromString(text, "image/svg+xml");
  if (documentElement.localName !== "svg") return null;
  clean(documentElement);
  return document.importNode(documentElement, true);
}

export class Drawing {
  constructor(place, onBox, onChoose) {
    this.place = place;
    this.lines = {};
    this.scale = null;  // null: as large as fits
    place.addEventListener("mouseover", (event) => onBox(this.boxAt(event)));
    place.addEventListener("mouseleave", () => onBox(null));
    place.addEventListener("click", (event) => { const box = this.boxAt(event); if (box) onChoose(box); });
    place.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.dataset.node) onChoose(event.target.dataset.node);
      const step = {"+": 1.25, "=": 1.25, "-": 0.8}[event.key];
      if (step) this.zoom(step);
      if (event.key === "0") this.fit();
    });
    place.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
    }, {passive: false});
    new ResizeObserver(() => this.resize()).observe(place);
  }

  boxAt(event) {
    const group = event.target.closest?.("[data-node]");
    return group ? group.dataset.node : null;
  }

  show(data) {
    const svg = parse(data.svg);
    if (!svg) return;
    const {scrollLeft, scrollTop} = this.place;
    this.width = parseFloat(svg.getAttribute("width"));
    this.height = parseFloat(svg.getAttribute("height"));
    this.lines = data.lines;
    for (const group of svg.querySelectorAll("[data-node]")) {
      group.setAttribute("tabindex", "0");
      if (!this.lines[group.dataset.node]?.length) group.classList.add("elsewhere");
    }
    this.place.replaceChildren(svg);
    this.svg = svg;
    this.resize();
    Object.assign(this.place, {scrollLeft, scrollTop});
  }

  fitting() {
    const {clientWidth, clientHeight} = this.place;
    const wide = (clientWidth - 24) / this.width;
    return Math.max(LEAST, Math.min(wide, Math.max((clientHeight - 24) / this.height, 0.55), window.innerWidth > 2400 ? 2.6 : 1.6));
  }

  resize() {
    if (!this.svg) return;
    const scale = this.scale ?? this.fitting();
    this.svg.setAttribute("width", this.width * scale);
    this.svg.setAttribute("height", this.height * scale);
  }

  zoom(step) {
    this.scale = Math.min(MOST, Math.max(LEAST, (this.scale ?? this.fitting()) * step));
    this.resize();
  }

  fit() {
    this.scale = null;
    this.resize();
  }

  light(isLit) {
    for (const group of this.place.querySelectorAll("[data-node]"))
      group.classList.toggle("lit", isLit(this.lines[group.dataset.node] ?? [], group.dataset.node));
  }

  reveal() {
    const box = this.place.querySelector(".lit");
    if (!box) return;
    const at = box.getBoundingClientRect(), frame = this.place.getBoundingClientRect();
    if (at.bottom < frame.top || at.top > frame.bottom || at.right < frame.left || at.left > frame.right)
      box.scrollIntoView({block: "center", inline: "center", behavior: "auto"});
  }
}
