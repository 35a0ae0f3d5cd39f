"""A folder of images with a table of labels: a red channel for one, a bright corner for another."""

from pathlib import Path

import numpy as np
from PIL import Image

LABELS = ("red", "corner", "dark")


def write_labelled(
    root: Path, count: int = 24, *, splits: bool = True, size: tuple[int, int] = (8, 8)
) -> Path:
    """`root` with `labels.csv` and `count` images; every fourth is of the split `test`."""
    rng = np.random.default_rng(0)
    (root / "pictures").mkdir(parents=True)
    head = ["path", *(["split"] if splits else []), *LABELS]
    lines = [",".join(head)]
    for i in range(count):
        red, corner, dark = labels = rng.integers(0, 2, 3).tolist()
        pixels = rng.integers(0, 100, (*size, 3), np.uint8) + np.uint8(0 if dark else 60)
        pixels[:, :, 0] += np.uint8(90 * red)
        pixels[:3, :3] = np.where(corner, 250, pixels[:3, :3])
        name = f"pictures/{i:03d}.png"
        Image.fromarray(pixels).save(root / name)
        split = "test" if i % 4 == 3 else "train"
        lines.append(",".join([name, *([split] if splits else []), *map(str, labels)]))
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    return root
