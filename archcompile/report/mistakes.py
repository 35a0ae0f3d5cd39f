"""The test images a network was most wrong about."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

MOST = 24  # images that are shown
SIDE = 96  # pixels a thumbnail has at most; smaller images are kept as they are, and shown larger


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A misclassified image before preprocessing: `truth`, `predicted` and its `probability`.

    `number` is its place in the test set, from 0; `of_truth` the probability its own class was
    given. Where images have several labels, `is_of_label` is true, and both are those of the label
    that is most wrong: of what it was taken for, and of what it is.
    """

    number: int
    png: bytes
    truth: str
    predicted: str
    probability: float
    of_truth: float
    is_of_label: bool = False


def worst_mistakes(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    *,
    image: Callable[[int], np.ndarray],
) -> list[Mistake]:
    """Wrongly classified images, those first whose own class got the least probability.

    `labels` are (N,), or (N, classes) of images with several, those first of which the worst label
    got the least; `probabilities` (N, classes); `image` gives the pixels of a number, uint8
    (H, W, C).
    """
    if labels.ndim == 2:
        return _worst_of_several(labels, probabilities, classes, image=image)
    predicted = probabilities.argmax(axis=1)
    of_truth = probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(predicted != labels)
    chosen = wrong[np.argsort(of_truth[wrong], kind="stable")][:MOST]
    return [
        Mistake(
            number=int(i),
            png=thumbnail(image(int(i))),
            truth=classes[labels[i]],
            predicted=classes[predicted[i]],
            probability=float(probabilities[i, predicted[i]]),
            of_truth=float(of_truth[i]),
        )
        for i in chosen
    ]


def _worst_of_several(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    *,
    image: Callable[[int], np.ndarray],
) -> list[Mistake]:
    """Those first of which the worst label got the least."""
    truth = labels == 1
    of_truth = np.where(truth, probabilities, 1.0 - probabilities)
    worst, taken = of_truth.min(axis=1), probabilities >= 0.5
    wrong = np.flatnonzero((taken != truth).any(axis=1))
    chosen = wrong[np.argsort(worst[wrong], kind="stable")][:MOST]
    return [
        Mistake(
            number=int(i),
            png=thumbnail(image(int(i))),
            truth=_names(truth[i], classes),
            predicted=_names(taken[i], classes),
            probability=float(1.0 - worst[i]),
            of_truth=float(worst[i]),
            is_of_label=True,
        )
        for i in chosen
    ]


def _names(are_there: np.ndarray, classes: Sequence[str]) -> str:
    return ", ".join(classes[i] for i in np.flatnonzero(are_there).tolist()) or "nothing"


def thumbnail(pixels: np.ndarray) -> bytes:
    """A PNG of an image, uint8 (H, W, C); unless it has three channels, of the first one."""
    from PIL import Image

    image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
