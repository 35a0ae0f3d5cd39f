"""The ops that policies draw from: what a magnitude means for each, by the table of its source.

torchvision's: `_augmentation_space` of RandAugment and TrivialAugmentWide in
torchvision/transforms/autoaugment.py. timm's: `_RAND_INCREASING_TRANSFORMS` and `LEVEL_TO_ARG` in
timm/data/auto_augment.py. Pictures are moved by the matrix that says where a pixel comes from, as
Pillow's `Image.transform` takes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi

import numpy as np

from archcompile.recipe import RandAugment, TrivialAugment

Size = tuple[int, int]  # (H, W)
# Of levels (B,), which are of either sign where the op has two sides, and the image's size: the
# op's value of each image.
Values = Callable[[np.ndarray, Size], np.ndarray]

# What can be done to an image; its number is the op's code.
KINDS = (
    "identity",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "rotate",
    "brightness",
    "saturation",
    "contrast",
    "sharpness",
    "posterize",
    "solarize",
    "solarize_add",
    "autocontrast",
    "equalize",
    "hue",
)
CODES: Mapping[str, int] = {kind: code for code, kind in enumerate(KINDS)}
BLACK, GREY = 0.0, 128.0  # what comes in from outside, of 0 to 255
BINS = 30  # the largest of torchvision's magnitudes, which are whole numbers
LEVELS = 10.0  # timm's largest


@dataclass(frozen=True, kw_only=True)
class Table:
    """Ops by name, all equally likely, each done with `probability`; `fill` comes in from outside.

    Levels are a share of the largest, -1 to 1.
    """

    ops: Mapping[str, tuple[str, Values]]  # a kind, and its value
    probability: float
    fill: float

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.ops.values())


def _times(most: float) -> Values:
    return lambda level, size: most * level


def _about_one(most: float, least: float = 0.0) -> Values:
    return lambda level, size: np.maximum(least, 1.0 + most * level)


def _whole_pixels(share: float, axis: int) -> Values:
    return lambda level, size: np.trunc(share * size[axis] * level)


def _pixels(share: float, axis: int) -> Values:
    return lambda level, size: share * size[axis] * level


def _fewer_bits(most: int) -> Values:
    return lambda level, size: 8.0 - np.round(np.abs(level) * most)


def _threshold(level: np.ndarray, size: Size) -> np.ndarray:
    return np.asarray(255.0 * (1.0 - np.abs(level)))


def _none(level: np.ndarray, size: Size) -> np.ndarray:
    return np.zeros_like(level)


def _of_torchvision(
    *, shear: float, shifts: tuple[Values, Values], turn: float, strength: float, bits: int
) -> Table:
    ops: dict[str, tuple[str, Values]] = {
        "identity": ("identity", _none),
        "shear_x": ("shear_x", _times(shear)),
        "shear_y": ("shear_y", _times(shear)),
        "translate_x": ("translate_x", shifts[0]),
        "translate_y": ("translate_y", shifts[1]),
        "rotate": ("rotate", _times(turn)),
        "brightness": ("brightness", _about_one(strength)),
        "saturation": ("saturation", _about_one(strength)),
        "contrast": ("contrast", _about_one(strength)),
        "sharpness": ("sharpness", _about_one(strength)),
        "posterize": ("posterize", _fewer_bits(bits)),
        "solarize": ("solarize", _threshold),
        "autocontrast": ("autocontrast", _none),
        "equalize": ("equalize", _none),
    }
    return Table(ops=ops, probability=1.0, fill=BLACK)


TORCHVISION = _of_torchvision(
    shear=0.3,
    shifts=(_whole_pixels(150 / 331, 1), _whole_pixels(150 / 331, 0)),
    turn=30.0,
    strength=0.9,
    bits=4,
)
WIDE = _of_torchvision(
    shear=0.99,
    shifts=(lambda level, size: np.trunc(32.0 * level), lambda level, size: np.trunc(32.0 * level)),
    turn=135.0,
    strength=0.99,
    bits=6,
)
TIMM = Table(
    ops={
        "autocontrast": ("autocontrast", _none),
        "equalize": ("equalize", _none),
        "invert": ("solarize", _none),  # from the threshold 0 on
        "rotate": ("rotate", _times(30.0)),
        "posterize": ("posterize", lambda level, size: 4.0 - np.floor(np.abs(level) * 4)),
        "solarize": (
            "solarize",
            lambda level, size: 256.0 - np.minimum(256.0, np.floor(np.abs(level) * 256)),
        ),
        "solarize_add": (
            "solarize_add",
            lambda level, size: np.minimum(128.0, np.floor(np.abs(level) * 110)),
        ),
        "saturation": ("saturation", _about_one(0.9, 0.1)),
        "contrast": ("contrast", _about_one(0.9, 0.1)),
        "brightness": ("brightness", _about_one(0.9, 0.1)),
        "sharpness": ("sharpness", _about_one(0.9, 0.1)),
        "shear_x": ("shear_x", _times(0.3)),
        "shear_y": ("shear_y", _times(0.3)),
        "translate_x": ("translate_x", _pixels(0.45, 1)),
        "translate_y": ("translate_y", _pixels(0.45, 0)),
    },
    probability=0.5,
    fill=GREY,
)


def table_of(policy: RandAugment | TrivialAugment) -> Table:
    """The ops that a policy draws from."""
    if isinstance(policy, TrivialAugment):
        return WIDE
    return {"torchvision": TORCHVISION, "timm": TIMM}[policy.table]


def matrices(kinds: np.ndarray, values: np.ndarray, size: Size) -> np.ndarray:
    """Where pixels come from, float32 (B, 6): x' = a x + b y + c, y' = d x + e y + f.

    `kinds` are codes (B,). Places are measured from the upper left corner of the image, so that
    the middle of the first pixel is at (0.5, 0.5). Shears hold that corner, turns the centre; an
    angle is in degrees, against the clock.
    """
    height, width = size
    result = np.tile(np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]), (len(kinds), 1))
    is_kind = {kind: kinds == CODES[kind] for kind in KINDS}
    result[:, 1] = np.where(is_kind["shear_x"], values, 0.0)
    result[:, 3] = np.where(is_kind["shear_y"], values, 0.0)
    result[:, 2] = np.where(is_kind["translate_x"], values, 0.0)
    result[:, 5] = np.where(is_kind["translate_y"], values, 0.0)
    angle = np.where(is_kind["rotate"], values, 0.0) * pi / 180.0
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.stack([cosine, -sine, sine, cosine], axis=1)
    x, y = width / 2, height / 2
    turned = is_kind["rotate"]
    result[turned[:, None] & np.array([1, 1, 0, 1, 1, 0], bool)] = turn[turned].ravel()
    result[turned, 2] = (x - cosine * x + sine * y)[turned]
    result[turned, 5] = (y - sine * x - cosine * y)[turned]
    return result.astype(np.float32)
