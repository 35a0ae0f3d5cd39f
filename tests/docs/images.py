"""Small made-up images in the layouts of real data."""

import pickle
from pathlib import Path

import numpy as np
from PIL import Image

RNG = np.random.default_rng(0)


def cifar_batches(folder: Path, images: int = 20) -> None:
    """The layout of the official archive, with few images in each batch."""
    target = folder / "cifar-10-batches-py"
    target.mkdir(parents=True)
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        labels = [int(i) % 10 for i in range(images)]
        data = RNG.integers(0, 256, (images, 3072), dtype=np.uint8)
        (target / name).write_bytes(
            pickle.dumps(
                {
                    b"data": data,
                    b"labels": labels,
                    b"batch_label": name.encode(),
                    b"filenames": [b"x.png"] * images,
                },
                protocol=2,
            )
        )
    names = [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
    (target / "batches.meta").write_bytes(
        pickle.dumps(
            {
                b"label_names": [n.encode() for n in names],
                b"num_cases_per_batch": images,
                b"num_vis": 3072,
            },
            protocol=2,
        )
    )


def folder_of_images(folder: Path, classes: int, images: int = 8) -> None:
    """train/CLASS/*.png, of a size that is not the spec's."""
    for number in range(classes):
        for i in range(images):
            path = folder / "train" / f"class{number}" / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(RNG.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(path)
