"""A folder of images whose pixels tell what they are."""

from pathlib import Path

from PIL import Image

from archcompile.data.dataset import Dataset
from archcompile.recipe.sections import Data

NAMES = {"cat": 5, "dog": 10}


def save(file: Path, value: int, mode: str = "RGB", *, size: tuple[int, int] = (6, 4)) -> None:
    """A flat image, `size` (width, height)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new(
        mode, size, value if mode in ("L", "I;16") else (value, 10, 20, 255)[: len(mode)]
    ).save(file)


def pets_below(place: Path) -> Path:
    """train/ of 5 cats and 10 dogs, test/ of 2 each; 4x6 pixels (H, W), the red value tells class
    and number.
    """
    root = place / "pets"
    for split, count in (("train", 1.0), ("test", 0.4)):
        for kind, (name, number) in enumerate(NAMES.items()):
            for i in range(max(2, int(number * count))):
                save(root / split / name / f"{i:02d}.png", 100 * kind + i)
    return root


def reds(dataset: Dataset) -> tuple[list[int], list[int]]:
    return dataset.train.images[:, 0, 0, 0].tolist(), dataset.test.images[:, 0, 0, 0].tolist()


def wants(**settings: object) -> Data:
    return Data.model_validate(settings)
