"""What is random in the pictures of a step beside shift, flip and crop: where each is cut, what is
done to its colours, what is erased and what it is mixed with.

All is drawn on the host, by the seed and the step, and told to the device as numbers of each image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from archcompile.engine.picture_ops import BINS, CODES, LEVELS, matrices, table_of
from archcompile.engine.random_numbers import DRAWS, MIXING, PICTURES, generator_of
from archcompile.errors import UsageError
from archcompile.recipe import Augment, Erase, Jitter, Mix, RandAugment, ResizedCrop, TrivialAugment

Size = tuple[int, int]  # (H, W)
ATTEMPTS = 10  # at a rectangle that fits, as torchvision has them
BOX = 4  # numbers of a rectangle: its first row and column, height and width
FACTORS = ("brightness", "contrast", "saturation", "hue")
OF_OP = 8  # numbers of an op: its code, its value and its matrix
WHOLE_IN_FLOAT32 = 2**24  # whole numbers below it are exact
UNIFORMS_OF_OP = 5  # which, of which sign, whether, and two for the magnitude


@dataclass(frozen=True)
class Columns:
    """Which of the numbers (B, K) of a step say what; they begin with those of shift and flip."""

    settings: Augment
    channels: int

    @cached_property
    def _slices(self) -> dict[str, slice]:
        widths = {
            "crop": BOX if self.settings.resized_crop else 0,
            "jitter": 2 * len(self.factors),
            "policy": OF_OP * self.ops,
            "erase": BOX if self.settings.erase else 0,
            "colour": self.channels if self.has_colour else 0,
            "noise": 1 if self.has_noise else 0,  # which numbers its noise has
            "mix": 2 + BOX if self.settings.mix else 0,  # share, weight, and the part put in
        }
        slices, start = {}, DRAWS
        for name, width in widths.items():
            slices[name] = slice(start, start + width)
            start += width
        return slices

    def __getitem__(self, name: str) -> slice:
        return self._slices[name]

    @property
    def count(self) -> int:
        """Numbers of an image."""
        last: int = self._slices["mix"].stop
        return last

    @property
    def factors(self) -> tuple[str, ...]:
        """What `jitter` changes."""
        jitter = self.settings.jitter
        return tuple(name for name in FACTORS if jitter and getattr(jitter, name))

    @property
    def ops(self) -> int:
        """The ops that `policy` does, one after the other."""
        policy = self.settings.policy
        if policy is None:
            return 0
        return policy.ops if isinstance(policy, RandAugment) else 1

    @property
    def has_colour(self) -> bool:
        """Whether what is erased gets a colour."""
        return self.settings.erase is not None and self.settings.erase.fill == "colour"

    @property
    def has_noise(self) -> bool:
        """Whether each of its pixels gets one."""
        return self.settings.erase is not None and self.settings.erase.fill == "noise"


@dataclass(frozen=True, kw_only=True)
class PictureDraws:
    """What a recipe does at random to images of the size `held`, for a network of another `size`.

    Both are (H, W).
    """

    settings: Augment
    held: Size
    size: Size
    channels: int

    @classmethod
    def of(cls, settings: Augment, held: Sequence[int], size: Size) -> Self:
        """Those for images (…, H', W', C).

        Raises UsageError where their channels are no colours, and colours are to be changed.
        """
        height, width, channels = held[-3:]
        if channels not in (1, 3) and (settings.jitter or settings.policy):
            raise UsageError(
                "`jitter` and `policy` change colours: expected images of 1 or 3 channels, "
                f"got {channels}",
                hint="remove them from `augment`",
            )
        return cls(settings=settings, held=(height, width), size=size, channels=channels)

    @cached_property
    def columns(self) -> Columns:
        return Columns(self.settings, self.channels)

    def draw(self, seed: int, step: int, count: int) -> np.ndarray:
        """The numbers behind the first DRAWS of each image of a batch, float32 (count, K)."""
        settings, columns = self.settings, self.columns
        if columns.count == DRAWS:
            return np.empty((count, 0), np.float32)
        uniforms = _Uniforms(generator_of(seed, step, PICTURES).random((count, self._uniforms)))
        parts = [np.empty((count, 0))]
        if settings.resized_crop is not None:
            parts.append(draw_crop(settings.resized_crop, self.held, uniforms))
        if settings.jitter is not None:
            parts.append(draw_jitter(settings.jitter, columns.factors, uniforms))
        if settings.policy is not None:
            parts += [draw_op(settings.policy, self.size, uniforms) for _ in range(columns.ops)]
        if settings.erase is not None:
            parts.append(draw_erased(settings.erase, self.size, uniforms))
        if columns.has_colour:
            normal = _normal(uniforms.take(self.channels), uniforms.take(self.channels))
            parts.append(normal)
        if columns.has_noise:
            parts.append(np.floor(uniforms.take(1) * WHOLE_IN_FLOAT32))
        if settings.mix is not None:
            mixing = draw_mixing(settings.mix, self.size, generator_of(seed, step, MIXING))
            parts.append(np.tile(mixing, (count, 1)))
        return np.concatenate(parts, axis=1).astype(np.float32)

    @property
    def _uniforms(self) -> int:
        """Uniform numbers that an image takes."""
        columns, rectangle = self.columns, 2 * ATTEMPTS + 2
        return (
            rectangle * (self.settings.resized_crop is not None)
            + 2 * len(columns.factors)
            + UNIFORMS_OF_OP * columns.ops
            + (rectangle + 1) * (self.settings.erase is not None)
            + 2 * self.channels * columns.has_colour
            + columns.has_noise
        )


class _Uniforms:
    """Numbers in [0, 1), (B, N), which are taken from the left."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.taken = values, 0

    def take(self, count: int) -> np.ndarray:
        """The next ones, (B, count)."""
        self.taken += count
        return self.values[:, self.taken - count : self.taken]

    def take_one(self) -> np.ndarray:
        """The next one, (B,)."""
        return self.take(1)[:, 0]


def draw_crop(crop: ResizedCrop, held: Size, uniforms: _Uniforms) -> np.ndarray:
    """Rectangles (B, 4) of random area and shape; where none fits, the largest in the middle."""
    sizes, fits = _rectangles(crop.area, _of_width(crop.ratio), held, uniforms=uniforms)
    height, width = held
    ratio = min(max(width / height, crop.ratio[0]), crop.ratio[1])
    middle = np.array(
        [min(height, round(width / ratio)), min(width, round(height * ratio))], np.float64
    )
    places = uniforms.take(2)
    tops = np.floor(places * (np.array(held) - sizes + 1))
    tops = np.where(fits[:, None], tops, (np.array(held) - middle) // 2)
    return np.concatenate([tops, np.where(fits[:, None], sizes, middle)], axis=1)


def draw_erased(erase: Erase, size: Size, uniforms: _Uniforms) -> np.ndarray:
    """Rectangles (B, 4) smaller than the image; empty where nothing is erased."""
    is_erased = uniforms.take_one() < erase.probability
    largest = size[0] - 1, size[1] - 1
    sizes, fits = _rectangles(erase.area, erase.ratio, size, uniforms=uniforms, largest=largest)
    tops = np.floor(uniforms.take(2) * (np.array(size) - sizes + 1))
    return np.where((is_erased & fits)[:, None], np.concatenate([tops, sizes], axis=1), 0.0)


def _of_width(ratio: tuple[float, float]) -> tuple[float, float]:
    """A range of width by height as one of height by width."""
    return 1.0 / ratio[1], 1.0 / ratio[0]


def _rectangles(
    area: tuple[float, float],
    ratio: tuple[float, float],
    size: Size,
    *,
    uniforms: _Uniforms,
    largest: Size | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The first (height, width) of ATTEMPTS that fits into the largest, (B, 2), and if one does.

    `ratio` is height by width: its logarithm is uniform.
    """
    shares = area[0] + (area[1] - area[0]) * uniforms.take(ATTEMPTS)
    low, high = np.log(ratio)
    ratios = np.exp(low + (high - low) * uniforms.take(ATTEMPTS))
    pixels = shares * size[0] * size[1]
    sides = np.stack([np.round(np.sqrt(pixels * ratios)), np.round(np.sqrt(pixels / ratios))], -1)
    fits = np.all((sides >= 1) & (sides <= np.array(largest or size)), axis=-1)
    first = fits.argmax(axis=1)
    rows = np.arange(len(fits))
    return np.where(fits[rows, first, None], sides[rows, first], 0.0), fits[rows, first]


def draw_jitter(jitter: Jitter, factors: Sequence[str], uniforms: _Uniforms) -> np.ndarray:
    """Codes and values (B, 2 N) of what is changed, in an order of each image's own."""
    amounts = np.array([getattr(jitter, name) for name in factors])
    is_hue = np.array([name == "hue" for name in factors], bool)
    low = np.where(is_hue, -amounts, np.maximum(0.0, 1.0 - amounts))
    high = np.where(is_hue, amounts, 1.0 + amounts)
    values = low + (high - low) * uniforms.take(len(factors))
    codes = np.broadcast_to([CODES[name] for name in factors], values.shape)
    order = uniforms.take(len(factors)).argsort(axis=1)
    pairs = [np.take_along_axis(each, order, axis=1) for each in (codes, values)]
    return np.stack(pairs, axis=-1).reshape(len(values), -1)


def draw_op(policy: RandAugment | TrivialAugment, size: Size, uniforms: _Uniforms) -> np.ndarray:
    """An op of each image: its code, its value and its matrix, (B, 8)."""
    table = table_of(policy)
    names = list(table.ops)
    choice = np.minimum((uniforms.take_one() * len(names)).astype(int), len(names) - 1)
    sign = np.where(uniforms.take_one() < 0.5, -1.0, 1.0)
    is_done = uniforms.take_one() < table.probability
    level = sign * _levels(policy, uniforms.take(2))
    codes, values = np.zeros(len(level), int), np.zeros(len(level))
    for number, (kind, values_of) in enumerate(table.ops.values()):
        is_chosen = is_done & (choice == number)
        codes = np.where(is_chosen, CODES[kind], codes)
        values = np.where(is_chosen, values_of(level, size), values)
    return np.concatenate([codes[:, None], values[:, None], matrices(codes, values, size)], axis=1)


def _levels(policy: RandAugment | TrivialAugment, uniforms: np.ndarray) -> np.ndarray:
    """How strong an op of each image is, as a share of the strongest, (B,)."""
    if isinstance(policy, TrivialAugment):  # all magnitudes are equally likely
        return np.asarray(np.floor(uniforms[:, 0] * (BINS + 1)) / BINS)
    if policy.table == "torchvision":
        return np.full(len(uniforms), policy.magnitude / BINS)
    normal = _normal(uniforms[:, 0], uniforms[:, 1])
    return np.clip(policy.magnitude + policy.deviation * normal, 0.0, LEVELS) / LEVELS


def _normal(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Normal numbers from two uniform ones each (Box and Muller 1958)."""
    return np.asarray(np.sqrt(-2.0 * np.log1p(-first)) * np.cos(2.0 * np.pi * second))


def draw_mixing(mix: Mix, size: Size, generator: np.random.Generator) -> np.ndarray:
    """How the images of a batch are mixed, (6,): the share of the label that an image keeps, the
    weight of its pixels, and the rectangle that its partner puts in.
    """
    is_mixed, is_cut, *place = generator.random(4)
    alpha = mix.cutmix if is_cut < mix.cut_share else mix.mixup
    if is_mixed >= mix.probability or alpha is None:
        return np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    share = generator.beta(alpha, alpha)
    if is_cut >= mix.cut_share:
        return np.array([share, share, 0.0, 0.0, 0.0, 0.0])
    sides = np.array(size)
    cut = np.floor(sides * np.sqrt(1.0 - share))
    centre = np.floor(sides * place)
    first = np.clip(centre - cut // 2, 0, sides)
    last = np.clip(centre + cut // 2, 0, sides)
    box = last - first
    # the label goes by what is left of the image, after the part was cut off at its edges
    return np.array([1.0 - box.prod() / sides.prod(), 1.0, *first, *box])
