"""Metrics against scikit-learn's and, where it has none, against numpy's worked out bin by bin."""

import numpy as np
import pytest
from sklearn import metrics as reference

from archcompile.inference.metrics import measure, measure_all

RANDOM = np.random.default_rng(0)
COUNT, CLASSES = 500, 7
LABELS = RANDOM.integers(0, CLASSES, COUNT)
SCORES = RANDOM.normal(size=(COUNT, CLASSES)) + 1.5 * np.eye(CLASSES)[LABELS]
SHARES = (np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)).astype(np.float32)
SEVERAL = RANDOM.integers(0, 2, (COUNT, CLASSES))
SIGMOIDS = (1 / (1 + np.exp(-RANDOM.normal(size=(COUNT, CLASSES)) - SEVERAL))).astype(np.float32)


def calibration_by_bin(labels: np.ndarray, shares: np.ndarray) -> float:
    sureness, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    total = 0.0
    for i in range(15):
        inside = (sureness > i / 15) & (sureness <= (i + 1) / 15)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - sureness[inside].mean())
    return total


def test_one_class_for_each_image() -> None:
    actual = measure_all(LABELS, SHARES)
    exact = SHARES.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    assert actual == pytest.approx(
        {
            "top_5": reference.top_k_accuracy_score(LABELS, SHARES, k=5),
            "macro_f1": reference.f1_score(LABELS, SHARES.argmax(axis=1), average="macro"),
            "auc": reference.roc_auc_score(LABELS, exact, multi_class="ovr"),
            "calibration_error": calibration_by_bin(LABELS, SHARES.astype(np.float64)),
        },
        rel=1e-6,
    )


def test_several_labels_for_each_image() -> None:
    assert measure_all(SEVERAL, SIGMOIDS) == pytest.approx(
        {
            "exact_match": reference.accuracy_score(SEVERAL, SIGMOIDS >= 0.5),
            "macro_f1": reference.f1_score(SEVERAL, SIGMOIDS >= 0.5, average="macro"),
            "auc": reference.roc_auc_score(SEVERAL, SIGMOIDS, average="macro"),
        },
        rel=1e-6,
    )


def test_equal_probabilities() -> None:
    """In ranks they share a place; among the top the first class comes first."""
    labels = np.array([0, 1, 2, 2])
    shares = np.full((4, 3), 1 / 3)
    assert measure(labels, shares, ["top_1", "top_2", "auc"]) == {
        "top_1": 0.25,
        "top_2": 0.5,
        "auc": 0.5,
    }
    tied = np.round(SHARES, 1)
    expected = [reference.roc_auc_score(i == LABELS, tied[:, i]) for i in range(CLASSES)]
    assert measure(LABELS, tied, ["auc"])["auc"] == pytest.approx(np.mean(expected))


def test_what_images_do_not_determine() -> None:
    labels, shares = np.zeros(3, int), np.eye(2)[[0, 0, 1]]
    assert measure(labels, shares, ["auc", "macro_f1"]) == {"auc": None, "macro_f1": 0.4}
    few, shares = LABELS[LABELS < 3], SHARES[LABELS < 3]
    expected = [reference.roc_auc_score(few == i, shares[:, i]) for i in range(3)]
    assert measure(few, shares, ["auc"])["auc"] == pytest.approx(np.mean(expected))


def test_two_classes_of_one_sigmoid() -> None:
    labels = LABELS % 2
    shares = np.stack([1 - SIGMOIDS[:, 0], SIGMOIDS[:, 0]], axis=1)
    actual = measure_all(labels, shares)
    assert list(actual) == ["macro_f1", "auc", "calibration_error"]
    assert actual["auc"] == pytest.approx(reference.roc_auc_score(labels, SIGMOIDS[:, 0]))
