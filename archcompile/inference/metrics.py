"""Metrics of a whole set of images, from the probabilities that each was given."""

from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np

from archcompile.recipe import BINS, TOP

HALF = 0.5  # from which on a label counts as given, where there may be several
USUAL_TOP = 5
Metrics = Mapping[str, float | None]


def measure(labels: np.ndarray, probabilities: np.ndarray, names: Iterable[str]) -> Metrics:
    """The metrics of these names; None for one that the images do not determine.

    `labels` are (N,), or of several for an image (N, classes); `probabilities` (N, classes).
    """
    exact = probabilities.astype(np.float64)
    return {name: _measure(name, labels, exact) for name in names}


def measure_all(
    labels: np.ndarray, probabilities: np.ndarray, asked: Iterable[str] = ()
) -> Metrics:
    """All metrics that there are for labels of a kind, and those `asked` for, as `measure`."""
    names = all_metrics(labels.ndim == 2, probabilities.shape[1])
    return measure(labels, probabilities, dict.fromkeys([*names, *asked]))


def all_metrics(has_several_labels: bool, classes: int) -> list[str]:
    """What is measured at the end of a run, whatever its recipe asks for."""
    if has_several_labels:
        return ["exact_match", "macro_f1", "auc"]
    top = [f"top_{USUAL_TOP}"] if classes > USUAL_TOP else []
    return [*top, "macro_f1", "auc", "calibration_error"]


def _measure(name: str, labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    if top := TOP.fullmatch(name):
        return top_accuracy(labels, probabilities, int(top[1]))
    return {
        "macro_f1": macro_f1,
        "auc": macro_auc,
        "calibration_error": calibration_error,
        "exact_match": exact_match,
    }[name](labels, probabilities)


def top_accuracy(labels: np.ndarray, probabilities: np.ndarray, count: int) -> float:
    """The share of images whose class is among the `count` most probable ones.

    Of classes that are equally probable the first comes first, as in accuracy.
    """
    of_class = np.take_along_axis(probabilities, labels[:, None], axis=1)
    is_before = np.arange(probabilities.shape[1]) < labels[:, None]
    ahead = (probabilities > of_class) | ((probabilities == of_class) & is_before)
    return float((ahead.sum(axis=1) < count).mean())


def macro_f1(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The mean over classes of F1, 2 hits / (2 hits + false alarms + misses).

    An image is taken for the most probable class, or where labels are several for all from HALF on.
    A class that no image is of or is taken for is left out.
    """
    if labels.ndim == 2:
        truth, taken = labels == 1, probabilities >= HALF
    else:
        is_class = partial(np.equal, np.arange(probabilities.shape[1]))
        truth, taken = is_class(labels[:, None]), is_class(probabilities.argmax(axis=1)[:, None])
    hits, total = (truth & taken).sum(axis=0), truth.sum(axis=0) + taken.sum(axis=0)
    return float((2.0 * hits[total > 0] / total[total > 0]).mean()) if total.any() else 0.0


def macro_auc(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """The mean over classes of the area under the ROC curve, each class against all others.

    That is how often an image of the class is given more than one of another, and half where both
    are given the same (Hanley and McNeil 1982). Classes that all images are of, or none, are left
    out; None where no class is left.
    """
    areas = []
    for number, column in enumerate(probabilities.T):
        truth = labels[:, number] == 1 if labels.ndim == 2 else labels == number
        inside = int(truth.sum())
        if 0 < inside < len(truth):
            ranks = _ranks(column)[truth].sum() - inside * (inside + 1) / 2
            areas.append(ranks / (inside * (len(truth) - inside)))
    return float(np.mean(areas)) if areas else None


def _ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value, from 1; equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: np.ndarray = (ends - (counts - 1) / 2)[places]
    return ranks


def calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The expected calibration error (Guo et al. 2017, equation 3), over BINS equally wide bins.

    How far accuracy is from the mean probability of the class that images are taken for, within
    each bin of that probability, (low, high].
    """
    taken = probabilities.argmax(axis=1)
    sureness = probabilities.max(axis=1)
    bins = np.clip(np.ceil(sureness * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, weights=(taken == labels) - sureness, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def exact_match(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The share of images of which all labels are right."""
    return float(((probabilities >= HALF) == (labels == 1)).all(axis=1).mean())
