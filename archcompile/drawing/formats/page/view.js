// Pan and zoom.

function apply() { view.setAttribute("transform", `translate(${at.x} ${at.y}) scale(${at.k})`); }

function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const k = Math.min(8, Math.max(0.02, at.k * factor));
  at = {k, x: x - (x - at.x) * k / at.k, y: y - (y - at.y) * k / at.k};
  apply();
}

function fit(whole) {
  const width = bounds.right - bounds.left + 40, height = bounds.bottom + 40;
  const all = Math.min(canvas.clientWidth / width, canvas.clientHeight / height, 1.5);
  const k = whole || all > 0.75 ? all : Math.min(1, canvas.clientWidth / width);
  at = {k, x: (canvas.clientWidth - (bounds.right + bounds.left) * k) / 2, y: Math.max(20 * k, (canvas.clientHeight - bounds.bottom * k) / 2)};
  if (k > all) at.y = 20;
  apply();
}

function centre(box) {
  const frame = canvas.getBoundingClientRect(), place = box.getBoundingClientRect();
  at.x += frame.left + frame.width / 2 - (place.left + place.width / 2);
  at.y += frame.top + frame.height / 2 - (place.top + place.height / 2);
  apply();
}

let grip = null, dragged = false;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  grip = {x: event.clientX - at.x, y: event.clientY - at.y, fromX: event.clientX, fromY: event.clientY};
  dragged = false;
});
canvas.addEventListener("pointermove", (event) => {
  if (!grip) return;
  if (!dragged && Math.hypot(event.clientX - grip.fromX, event.clientY - grip.fromY) < 4) return;
  if (!dragged) { dragged = true; canvas.setPointerCapture(event.pointerId); canvas.classList.add("dragged"); }
  at.x = event.clientX - grip.x;
  at.y = event.clientY - grip.y;
  apply();
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => { grip = null; canvas.classList.remove("dragged"); });
}
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const frame = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event.clientX - frame.left, event.clientY - frame.top);
}, {passive: false});
