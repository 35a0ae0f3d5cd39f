// Keys, clicks, printing; and the first drawing.

/** Boxes and handles from above, in the order in which the keys go through them. */
function stops() {
  const handles = [...byId("marks").querySelectorAll(".handle")];
  const all = visible.flatMap((item) => [
    ...handles.filter((mark) => mark.target === item.piece || (mark.target === item.part && visible.find(({part}) => part === item.part) === item)),
    ...boxesOf(item.number)]);
  return all.sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top);
}

function moveFocus(from, by) {
  const all = stops(), target = all[Math.min(all.length - 1, Math.max(0, from ? all.indexOf(from) + by : 0))];
  target.focus({preventScroll: true});
  const frame = canvas.getBoundingClientRect(), place = target.getBoundingClientRect();
  if (place.top < frame.top || place.bottom > frame.bottom || place.left < frame.left || place.right > frame.right) centre(target);
}

/** What the keys left and right fold and unfold, from a box or a handle. */
function around(element, isOpen) {
  if (element.target) return element.target;
  const {part, piece} = held(element);
  if (piece && piece.isOpen === isOpen && foldable(piece)) return piece;
  return part.isOpen === isOpen && partFoldable(part) ? part : null;
}

const arrows = {ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
document.addEventListener("keydown", (event) => {
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  const element = event.target.closest?.("[data-node], .handle");
  if (!key(event.key, element, event)) return;
  event.preventDefault();
});

function key(name, element, event) {
  if (name === "/") search.focus();
  else if (name === "+" || name === "=") zoom(1.25);
  else if (name === "-") zoom(0.8);
  else if (name === "0") fit(true);
  else if (name === "Escape") { if (!panel.hidden) deselect(); else canvas.focus(); }
  else if (event.target === canvas && name === "Enter") moveFocus(null, 0);
  else if (element && (name === "Enter" || name === " ")) { if (element.target) toggle(element.target); else select(element); }
  else if (element && !event.shiftKey && (name === "ArrowUp" || name === "ArrowDown")) moveFocus(element, name === "ArrowUp" ? -1 : 1);
  else if (element && !event.shiftKey && (name === "ArrowLeft" || name === "ArrowRight")) {
    const what = around(element, name === "ArrowLeft");
    if (what && what.isOpen === (name === "ArrowLeft")) {
      toggle(what);
      if (!element.closest(".shown, #marks")) {
        const item = visible.find((item) => item.piece === what || item.part === what);
        boxesOf(item.number)[0].focus({preventScroll: true});
      }
    }
  } else if (name in arrows && (element || event.target === canvas || event.target === document.body)) {
    at.x += STEP * arrows[name][0];
    at.y += STEP * arrows[name][1];
    apply();
  } else return false;
  return true;
}

for (const box of document.querySelectorAll("[data-node]")) {
  box.setAttribute("role", "button");
  box.setAttribute("tabindex", -1);
  box.setAttribute("aria-label", box.querySelector("title").textContent.replaceAll("\n", ", "));
  box.addEventListener("click", () => { if (!dragged) { box.focus({preventScroll: true}); select(box); } });
  box.addEventListener("dblclick", () => {
    const what = around(box, false) ?? around(box, true);
    if (what) toggle(what);
  });
}
for (const button of document.querySelectorAll("[data-level]")) {
  button.addEventListener("click", () => { unfoldTo(button.dataset.level); fit(false); });
}
byId("in").addEventListener("click", () => zoom(1.25));
byId("out").addEventListener("click", () => zoom(0.8));
byId("fit").addEventListener("click", () => fit(true));
addEventListener("resize", () => fit(false));
addEventListener("beforeprint", () => {
  const {left, right, bottom} = bounds;
  canvas.setAttribute("viewBox", `${left - 10} -10 ${right - left + 20} ${bottom + 20}`);
  view.removeAttribute("transform");
});
addEventListener("afterprint", () => { canvas.removeAttribute("viewBox"); apply(); });

unfoldTo(data.level);
fit(false);
