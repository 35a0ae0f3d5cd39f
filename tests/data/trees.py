"""A small folder of images of every kind that is read: two sizes and more, grey and colour, PNG and
JPEG.
"""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("cat", "dog", "eel")


def write_mixed(
    root: Path,
    train: int = 6,
    test: int = 2,
    *,
    grey: bool = False,
    size: tuple[int, int] | None = None,
) -> Path:
    """`root` with `train/` and, of `test` more than 0, `test/`; sizes (H, W) differ unless one is
    given.
    """
    rng = np.random.default_rng(0)
    for split, count in (("train", train), ("test", test)):
        for kind in CLASSES:
            for i in range(count):
                shape = size or (int(rng.integers(8, 40)), int(rng.integers(8, 40)))
                pixels = rng.integers(0, 256, (*shape, 3), np.uint8)
                save(root / split / kind / f"{i:02d}", Image.fromarray(pixels), i, grey=grey)
    return root


def save(stem: Path, image: Image.Image, number: int, *, grey: bool) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    if grey:
        image.convert("LA" if number % 3 == 1 else "L").save(stem.with_suffix(".png"))
    elif number % 4 == 0:
        image.save(stem.with_suffix(".jpg"), quality=95)
    elif number % 4 == 1:
        image.convert("RGBA").save(stem.with_suffix(".png"))
    elif number % 4 == 2:
        image.convert("L").save(stem.with_suffix(".png"))
    else:
        image.quantize(16).save(stem.with_suffix(".png"))
