"""How two recipes differ: no value that trains goes unsaid, and the article and the paper differ as
is known.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from archcompile.recipe.diff import PartDifference, differences, values
from archcompile.recipe.loading import find, load
from archcompile.recipe.model import Recipe
from archcompile.recipe.rates import CIFAR
from tests.conftest import shipped_graph

FULL: dict[str, Any] = {
    "archc": 1,
    "name": "full",
    "about": "",
    "allow": [],
    "data": {
        "source": "cifar10",
        "fit": "crop",
        "canvas": 40,
        "channels": "repeat",
        "holdout": 0.2,
        "validation": 5000,
        "stream": True,
    },
    "preprocessing": {"scale": 255.0, "mean": "per_pixel", "std": "per_channel"},
    "augment": {
        "shift": 0.0,
        "interpolation": "bilinear",
        "pad_crop": 4,
        "fill": "zero",
        "crop": "random",
        "flip": "horizontal",
    },
    "batch_size": 128,
    "epochs": 10,
    "fit_time": False,
    "optimizer": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    "schedule": {
        "kind": "piecewise",
        "unit": "epochs",
        "boundaries": [5, 12],
        "factors": [0.1, 0.01],
    },
    "warmup": {"steps": 400, "factor": 0.1, "rise": False, "from_depth": 110},
    "plateau": {
        "monitor": "val_loss",
        "factor": 0.1,
        "patience": 5,
        "min_delta": 1e-4,
        "cooldown": 1,
        "min_rate": 1e-6,
    },
    "regularisation": {"weight_decay": 1e-4, "of": "all"},
    "label_smoothing": 0.1,
    "clip_norm": 1.0,
    "precision": "float32",
    "xla": False,
    "checkpoint": {"steps": 500, "minutes": 10.0, "monitor": "val_accuracy"},
}
ADAM = {"kind": "adam", "learning_rate": 0.1, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
PLAIN_POLICY = {"augment": {"policy": {"kind": "rand_augment"}}}
POLICY = {
    "augment": {
        "resized_crop": {"area": [0.2, 1.0], "ratio": [0.75, 1.5]},
        "jitter": {"brightness": 0.1},
        "policy": {"kind": "rand_augment", "table": "timm"},
        "erase": {},
        "mix": {"mixup": 0.2, "cutmix": 1.0},
    }
}
# (what the recipe has instead, path, the other value)
CHANGES: list[tuple[dict[str, Any], str, Any]] = [
    ({}, "data.source", None), ({"data": {}}, "data.fit", "pad"), ({}, "data.canvas", 48),
    ({}, "data.channels", None), ({}, "data.holdout", 0.1),
    ({}, "data.validation", 0), ({}, "data.stream", None), ({}, "preprocessing.scale", 1.0),
    ({}, "preprocessing.mean", [0.5, 0.5, 0.5]),
    ({}, "preprocessing.std", [0.2, 0.2, 0.2]), ({"augment": {"shift": 0.1}}, "augment.shift", 0.2),
    ({}, "augment.pad_crop", 2),
    ({}, "augment.fill", "reflect"), ({}, "augment.crop", "centre"), ({}, "augment.flip", "none"),
    ({}, "augment.resized_crop", {"area": [0.5, 1.0]}), (POLICY, "augment.resized_crop.area",
     [0.2, 0.9]), (POLICY, "augment.resized_crop.ratio", [0.5, 1.5]),
    ({}, "augment.jitter", {"hue": 0.1}), (POLICY, "augment.jitter.hue", 0.2),
    (POLICY, "augment.jitter.brightness", 0.2), (POLICY, "augment.jitter.contrast", 0.2),
    (POLICY, "augment.jitter.saturation", 0.2),
    ({}, "augment.policy", {"kind": "trivial_augment"}),
    (POLICY, "augment.policy", {"kind": "trivial_augment"}),
    (POLICY, "augment.policy.ops", 3), (POLICY, "augment.policy.magnitude", 5.0),
    (POLICY, "augment.policy.deviation", 0.5), (POLICY, "augment.policy.interpolation", "bilinear"),
    (PLAIN_POLICY, "augment.policy.table", "timm"),
    ({}, "augment.erase", {}), (POLICY, "augment.erase.probability", 0.5),
    (POLICY, "augment.erase.area", [0.1, 0.2]), (POLICY, "augment.erase.ratio", [0.5, 2.0]),
    (POLICY, "augment.erase.fill", "colour"),
    ({}, "augment.mix", {"mixup": 1.0}), (POLICY, "augment.mix.mixup", 0.5),
    (POLICY, "augment.mix.cutmix", 0.5), (POLICY, "augment.mix.probability", 0.5),
    (POLICY, "augment.mix.switch", 0.25), ({}, "augment.views", 3),
    ({}, "batch_size", 64),
    ({}, "epochs", 11), ({"epochs": None, "steps": 100}, "steps", 101),
    ({"schedule": None}, "fit_time", True),
    ({}, "optimizer.learning_rate", 0.2), ({}, "optimizer.momentum", 0.8),
    ({}, "optimizer.nesterov", False),
    ({}, "optimizer", ADAM), ({"optimizer": ADAM}, "optimizer.beta_1", 0.8),
    ({"optimizer": ADAM}, "optimizer.beta_2", 0.99),
    ({"optimizer": ADAM}, "optimizer.epsilon", 1e-8), ({}, "schedule.unit", "steps"),
    ({}, "schedule.boundaries", [5, 13]),
    ({}, "schedule.factors", [0.1, 0.02]), ({}, "schedule", None),
    ({}, "schedule", {"kind": "cosine", "end": 0.0}),
    ({"schedule": {"kind": "cosine", "end": 0.0}}, "schedule.end", 0.1),
    ({"schedule": {"kind": "cosine"}}, "schedule.cycles", 3),
    ({"schedule": {"kind": "cosine", "cycles": 3}}, "schedule.growth", 2.0),
    ({"schedule": {"kind": "one_cycle", "peak": 0.3, "start": 0.1, "end": 0.0}}, "schedule.peak",
     0.2),
    ({"schedule": {"kind": "one_cycle", "peak": 0.3, "start": 0.1, "end": 0.0}}, "schedule.start",
     0.2),
    ({"schedule": {"kind": "one_cycle", "peak": 0.3, "start": 0.1, "end": 0.0}}, "schedule.end",
     0.2),
    ({}, "warmup.steps", 401), ({}, "warmup.factor", 0.2), ({}, "warmup.rise", True),
    ({}, "warmup.from_depth", 1), ({}, "warmup", None),
    ({}, "plateau.monitor", "loss"), ({}, "plateau.factor", 0.2), ({}, "plateau.patience", 6),
    ({}, "plateau.min_delta", 0.0),
    ({}, "plateau.cooldown", 0), ({}, "plateau.min_rate", 0.0), ({}, "plateau", None),
    ({"data": {"source": "cifar10", "folds": 5}}, "data.fold", 1),
    ({"data": {"source": "cifar10", "folds": 5}}, "data.folds", 4),
    ({}, "accumulate", 2), ({}, "part_rates", {"head": 2.0}),
    ({}, "average", {"kind": "uniform"}),
    ({"average": {"kind": "uniform"}}, "average.kind", "exponential"),
    ({"average": {"kind": "uniform"}}, "average.start", 0.5),
    ({"average": {"kind": "exponential"}}, "average.decay", 0.5),
    ({"average": {"kind": "exponential"}}, "average.norm_images", 100),
    ({}, "early_stop", {"patience": 3}),
    ({"early_stop": {"patience": 3}}, "early_stop.patience", 4),
    ({"early_stop": {"patience": 3}}, "early_stop.min_delta", 0.1),
    ({"early_stop": {"patience": 3}}, "early_stop.monitor", "loss"),
    ({}, "regularisation", "spec"),
    ({}, "regularisation.weight_decay", 2e-4), ({}, "regularisation.of", "kernels"),
    ({}, "regularisation.decoupled", True),
    ({}, "optimizer", {"kind": "lion", "learning_rate": 0.1}),
    ({"optimizer": {"kind": "rmsprop", "learning_rate": 0.1}}, "optimizer.rho", 0.8),
    ({}, "schedule", {"kind": "linear"}), ({"schedule": {"kind": "wsd"}}, "schedule.decay", 0.3),
    ({"schedule": {"kind": "polynomial"}}, "schedule.power", 2.0),
    ({}, "loss.kind", "binary"), ({}, "loss.focal", {"gamma": 2.0}),
    ({"loss": {"focal": {"gamma": 2.0}}}, "loss.focal.gamma", 1.0),
    ({"loss": {"focal": {"gamma": 2.0}}}, "loss.focal.alpha", 0.25),
    ({}, "loss.class_weights", "balanced"), ({}, "loss.class_weights", {"cat": 2.0}),
    ({"loss": {"class_weights": {"cat": 1.0}}}, "loss.class_weights.cat", 2.0),
    ({}, "metrics", ["top_5"]), ({}, "distill", {"teacher": "a"}),
    ({"distill": {"teacher": "a"}}, "distill.teacher", "b"),
    ({"distill": {"teacher": "a"}}, "distill.weight", 0.1),
    ({"distill": {"teacher": "a"}}, "distill.temperature", 2.0),
    ({}, "label_smoothing", 0.0), ({}, "clip_norm", None),
    ({}, "precision", "mixed_bfloat16"), ({}, "xla", True), ({}, "checkpoint.steps", None),
    ({}, "checkpoint.minutes", None),
    ({}, "checkpoint.monitor", "val_loss"),
]  # fmt: skip


def with_value(at: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    key, _, rest = path.partition(".")
    return {**at, key: with_value(at.get(key, {}), rest, value) if rest else value}


@pytest.mark.parametrize(
    ("base", "path", "value"), CHANGES, ids=[f"{path}={value}" for _, path, value in CHANGES]
)
def test_no_value_goes_unsaid(base: dict[str, Any], path: str, value: Any) -> None:
    first = {**FULL, **base}
    a, b = Recipe.model_validate(first), Recipe.model_validate(with_value(first, path, value))
    assert differences(a, a, CIFAR) == []
    assert differences(a, b, CIFAR) != []
    assert any(changed == path or changed.startswith(f"{path}.") for changed, _, _ in values(a, b))


def leaves(value: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, inner in value.items():
        yield from leaves(inner, f"{path}{key}.") if isinstance(inner, dict) else [f"{path}{key}"]


def test_the_list_of_changes_is_whole() -> None:
    forms = [{**FULL, **base} for base, _, _ in CHANGES]
    paths = {
        path
        for form in forms
        for path in leaves(Recipe.model_validate(form).model_dump(mode="json"))
    }
    one_value = {
        "archc",
        "augment.interpolation",
        "augment.policy.kind",
        "optimizer.kind",
        "schedule.kind",
    }
    assert paths - {path for _, path, _ in CHANGES} == {"name", "about", "allow"} | one_value


@pytest.mark.parametrize("key", ["name", "about"])
def test_names_and_words_do_not_train(key: str) -> None:
    assert (
        differences(
            Recipe.model_validate(FULL), Recipe.model_validate({**FULL, key: "other"}), CIFAR
        )
        == []
    )


def parts(a: str, b: str, spec: str | None = None) -> dict[str, PartDifference]:
    return {
        d.part: d
        for d in differences(
            load(find(a)), load(find(b)), CIFAR, graph=shipped_graph(spec) if spec else None
        )
    }


def test_the_article_is_not_the_paper() -> None:
    """The list that Keras' own contributors made (keras-team/keras, pull request 8231), worked out
    from the two files.
    """
    actual = parts("article", "he2015")
    assert {
        part: (d.a, d.b)
        for part, d in actual.items()
        if part in ("batch", "length", "learning rate", "fill", "shift", "rule")
    } == {
        "batch": ("32", "128"),
        "length": ("200 epochs = 312,600 steps", "64,000 steps = 163.7 epochs"),
        "rule": ("Adam, beta 0.9 and 0.999, epsilon 1e-07", "SGD, momentum 0.9"),
        "learning rate": ("0.001", "0.1"),
        "shift": (
            "up to 0.1 of each side (±3.2 pixels of 32), sub-pixel, bilinear",
            "±4 pixels, whole ones",
        ),
        "fill": ("the edge, repeated", "zeros"),
    }
    assert (
        "to epoch 81 (step 126,603)" in actual["rates"].a
        and "to epoch 81.8 (step 32,000)" in actual["rates"].b
    )
    assert "no effect with a schedule" in actual["plateau rule"].a
    assert (
        actual["L2"].note
        == "a spec's `l2: 0.0001` is a weight decay of 0.0002, twice as strong as one of 0.0001"
    )
    assert (actual["pixels, 0 to 255, divided by"].a, actual["pixels, 0 to 255, divided by"].b) == (
        "255",
        "1",
    )
    assert actual.keys() >= {"schedule", "warm-up"} and "best epoch" not in actual


@pytest.mark.parametrize(("a", "b", "at"), [("article", "he2015", 0), ("he2015", "article", 1)])
def test_the_l2_of_a_spec_in_numbers(a: str, b: str, at: int) -> None:
    actual = parts(a, b, "resnet_v1_20")["L2"]
    assert (actual.a, actual.b)[
        at
    ] == "the L2 of resnet_v1_20: l2: 0.0001 in 21 layers = weight decay 0.0002"
    assert (actual.a, actual.b)[1 - at].startswith("weight decay 0.0001 of all weights")
    assert actual.note == "the spec's L2 is 2 times as strong as the weight decay"
    assert "none" in parts(a, b, "highway_19")["L2"].a + parts(a, b, "highway_19")["L2"].b


def test_what_chooses_the_best_epoch() -> None:
    actual = parts("article", "article_holdout")
    assert (actual["best epoch"].a, actual["best epoch"].b) == (
        "val_accuracy, on the test set",
        "val_accuracy, on the 5,000 images held out",
    )
    assert actual.keys() == {"best epoch", "training split", "length", "rates", "plateau rule"}
