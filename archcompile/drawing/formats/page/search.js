// The search: every node whose name, op, label or shape holds the words.

function find() {
  const words = search.value.trim().toLowerCase();
  hits = [];
  current = -1;
  if (words) {
    data.nodes.forEach((row, node) => {
      const texts = [row[NAME], row[LABEL], data.ops[row[OP]].kind, row[SHAPE]];
      if (texts.some((text) => text.toLowerCase().includes(words))) hits.push(node);
    });
  }
  byId("found").value = words ? `${count(hits.length)} found` : "";
  mark();
  showHit();
}

/** Move a box with something found into view, where none is; what is folded stays so. */
function showHit() {
  const seen = canvas.getBoundingClientRect(), boxes = [...view.querySelectorAll(".shown .hit")];
  const isSeen = (box) => {
    const rect = box.getBoundingClientRect();
    return rect.bottom > seen.top && rect.top < seen.bottom && rect.right > seen.left && rect.left < seen.right;
  };
  if (boxes.length && !boxes.some(isSeen)) centre(boxes[0]);
}

function next(by) {
  if (!hits.length) return;
  current = (current + by + hits.length) % hits.length;
  byId("found").value = `${count(current + 1)} of ${count(hits.length)}`;
  reveal(hits[current]);
}

search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape") { search.value = ""; find(); canvas.focus(); }
  else return;
  event.preventDefault();
});
