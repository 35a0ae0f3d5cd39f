"""The first steps of a training under an engine, to be compared with those of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archcompile
from archcompile.choices import EngineName
from archcompile.data import Split
from archcompile.data.image_store import ImageFiles
from archcompile.engine import (
    Evaluator,
    Trainer,
    class_weights,
    model_tensors,
    open_engine,
    statistics,
)
from archcompile.keras_model import load_values, to_keras
from archcompile.recipe import Recipe
from tests.engine.teaching import teacher_of

SEED, RATE, STEPS = 3, 0.02, 2
SHARE = 0.25  # of the weights after a step in their average
COUNT, SIZE, CHANNELS = 50, 10, 3

# No bias in front of a norm: its true gradient is zero, and what rounding leaves of it differs.
NET = """archc: 1
input: [8, 8, 3]
vars: {classes: 4}
UNITSstem:
  - conv: {filters: 8, kernel: 3, bias: false, l2: 1e-3, init: he_normal}
  - bn
  - relu
  - separable_conv: {filters: 6, kernel: 3, stride: 2, l1: 1e-3}
  - layer_norm
  - gelu
head:
  - global_avg_pool
  - HEAD
"""
SOFTMAX = "dense: {units: $classes, activation: softmax}"
LOGITS = "dense: {units: $classes}"
SIGMOIDS = "dense: {units: $classes, activation: sigmoid}"
SIGMOID = "dense: {units: 1, activation: sigmoid}"
BEHIND = (
    "dense: {units: $classes}\n  - softmax\n  - dropout: {rate: 0.0}\n"
    "  - drop_path: {drop_rate: 0.0}"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A head and what it is trained with."""

    head: str = SOFTMAX
    units: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    size: int = 8  # of the images, which the net gets 8 pixels of
    streamed: bool = False
    freeze: tuple[str, ...] = ()
    classes: int = 4
    has_several_labels: bool = False
    has_teacher: bool = False


# The first unit is wider than its input, the others are alike. Their slopes have three axes, so a
# stack of them has as many as a kernel.
UNITS = """
blocks:
  unit:
    args: {filters: int}
    body:
      - conv: {filters: $filters, kernel: 3, bias: false, l2: 1e-3, name: first}
      - bn
      - relu
      - conv: {filters: $filters, kernel: 3, bias: false}
      - bn
      - prelu: {slope_init: 0.25}
      - add: {with: first}
stages:
  s1: {block: unit, repeat: 4, filters: 8}
"""
# No bias here either: the softmax does not see that of the keys.
ENCODERS = """
blocks:
  encoder:
    body:
      - layer_norm
      - attention: {heads: 2, bias: false, l2: 1e-3}
      - add: {with: input}
stages:
  s1: {block: encoder, repeat: 2}
  rows: [tokens, attention: {heads: 3, units: 8, bias: false}, map]
"""
SGD = {"kind": "sgd", "learning_rate": 1.0, "momentum": 0.9}
ADAM = {"kind": "adam", "learning_rate": 1.0}
GENTLE = {**ADAM, "epsilon": 1e-2}  # does not amplify the rounding of small gradients
MUON = {"kind": "muon", "learning_rate": 1.0}
DECAY = {"weight_decay": 1e-2, "of": "kernels"}
DECOUPLED = {"weight_decay": 0.5, "of": "kernels", "decoupled": True}
AVERAGE = {"kind": "exponential"}
# What has nothing to do with each other shares a case.
CASES = {
    "shift": Case(
        recipe={
            "augment": {"shift": 0.2, "flip": "horizontal"},
            "label_smoothing": 0.1,
            "clip_norm": 0.5,
        }
    ),
    "adam": Case(
        head=LOGITS,
        units=UNITS,
        recipe={
            "optimizer": GENTLE,
            "augment": {"pad_crop": 2, "fill": "zero"},
            "preprocessing": {"std": "per_channel"},
            "average": AVERAGE,
            "part_rates": {"s1": 0.5, "head": 2.0},
        },
    ),
    "muon": Case(
        units=UNITS, recipe={"optimizer": MUON, "augment": {"pad_crop": 1, "fill": "reflect"}}
    ),
    "lamb": Case(
        units=UNITS,
        recipe={
            "optimizer": {"kind": "lamb", "learning_rate": 1.0, "epsilon": 1e-2},
            "regularisation": DECOUPLED,
            "part_rates": {"s1": 0.5},
        },
    ),
    "rmsprop": Case(
        recipe={
            "optimizer": {"kind": "rmsprop", "learning_rate": 0.1, "momentum": 0.9, "epsilon": 0.1},
            "regularisation": {**DECOUPLED, "of": "all"},
        },
    ),
    # Its steps have one size, so that rounding may turn the smallest gradients' around.
    "lion": Case(
        recipe={
            "optimizer": {"kind": "lion", "learning_rate": 1e-3},
            "regularisation": DECOUPLED,
            "precision": "mixed_float16",
        },
    ),
    "attention": Case(units=ENCODERS, recipe={"regularisation": DECAY}),
    "decay": Case(
        head=BEHIND,
        recipe={"regularisation": DECAY, "augment": {"pad_crop": 2, "fill": "nearest"}},
    ),
    "sigmoid": Case(
        head=SIGMOID,
        recipe={"label_smoothing": 0.1, "augment": {"flip": "alternating"}},
        classes=2,
    ),
    "weighed": Case(
        recipe={
            "label_smoothing": 0.1,
            "loss": {"focal": {}, "class_weights": {"b": 2.0, "c": 0.5}},
        }
    ),
    "several": Case(
        head=SIGMOIDS,
        recipe={"loss": {"focal": {"alpha": 0.25}, "class_weights": "balanced"}},
        has_several_labels=True,
    ),
    "taught": Case(recipe={"distill": {"teacher": "", "weight": 0.75}}, has_teacher=True),
    "taught_sigmoids": Case(
        head=SIGMOIDS,
        recipe={
            "loss": {"kind": "binary", "class_weights": "balanced"},
            "distill": {"teacher": "", "temperature": 2},
            "accumulate": 2,
            "augment": {"mix": {"mixup": 0.8}},
            "batch_size": 12,
        },
        has_teacher=True,
        has_several_labels=True,
    ),
    "frozen": Case(freeze=("stem",), recipe={"augment": {"crop": "random"}}, size=SIZE),
    "streamed": Case(recipe={"augment": {"crop": "centre"}}, size=SIZE, streamed=True),
    "scaled": Case(units=UNITS, recipe={"precision": "mixed_float16", "clip_norm": 1.0}),
    "bfloat16": Case(recipe={"precision": "mixed_bfloat16"}),
    # not what rounds to whole levels: see `test_pictures`
    "mixed": Case(
        recipe={
            "augment": {
                "flip": "horizontal",
                "erase": {"probability": 0.5, "fill": "colour"},
                "mix": {"mixup": 0.5, "cutmix": 1.0},
                "views": 2,
            },
            "label_smoothing": 0.1,
            "accumulate": 2,
        },
        size=SIZE,
    ),
    "odd": Case(recipe={"batch_size": 15, "accumulate": 4, "clip_norm": 0.1, "average": AVERAGE}),
}
ROUGH = {"lion": 2e-3, "scaled": 2e-2, "bfloat16": 5e-2}  # 16 bits


def images_of(case: Case) -> Split:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (COUNT, case.size, case.size, CHANNELS), np.uint8)
    labels = random.integers(0, case.classes, COUNT)
    if case.has_several_labels:
        labels = random.integers(0, 2, (COUNT, case.classes))
    if not case.streamed:
        return Split(images, labels)
    shape = (case.size, case.size, CHANNELS)
    names = [str(number) for number in range(COUNT)]
    return Split(ImageFiles(names, shape, lambda name: images[int(name)]), labels)


def trainer_of(
    case: Case, engine: EngineName, folder: Path, *, devices: str, without: str = ""
) -> Trainer:
    spec = folder / "net.yaml"
    net = NET.replace(without, "") if without else NET
    spec.write_text(net.replace("HEAD", case.head).replace("UNITS", case.units))
    given = {"archc": 1, "name": "few", "batch_size": 16, "epochs": 1, "optimizer": SGD}
    recipe = Recipe.model_validate({**given, "augment": {"flip": "none"}, **case.recipe})
    graph, images = archcompile.compile(str(spec)), images_of(case)
    opened = open_engine(engine)
    return opened.make_trainer(
        graph,
        recipe,
        images,
        statistics=statistics(images, recipe.preprocessing, (8, 8)),
        seed=SEED,
        freeze=case.freeze,
        devices=opened.choose_devices(devices),
        kernels="portable" if engine == "tensorflow" else "xla",
        teacher=teacher_of(graph) if case.has_teacher else None,
        weights_of_classes=class_weights(recipe, images.labels, "abcd"[: case.classes]),
    )


def first_steps(
    case: Case,
    engine: EngineName,
    folder: Path,
    *,
    devices: str = "cpu",
    is_looped: bool = False,
    deep: Sequence[bool] = (),
) -> dict[str, np.ndarray]:
    """All tensors before the first step and after two, and the figures of both kinds of pass.

    `is_looped` does both steps in one go, as accelerators do; `deep` says of each step
    whether equal units are one loop in it; each has a trainer of its own then, which continues
    from the tensors that a checkpoint has.
    """
    trainer: Any = trainer_of(case, engine, folder, devices=devices)
    values = {f"0/{name}": array for name, array in trainer.tensors().items()}
    shares = [SHARE] * STEPS if trainer.recipe.average else []
    if is_looped:
        trainer.steps_at_once = STEPS + 1  # so that there is room left over
        assert trainer.run(0, [RATE] * STEPS, shares) == STEPS
        values[f"means/{STEPS - 1}"] = np.array(list(trainer.means().values()))
    for step in () if is_looped else range(STEPS):
        if step and deep:
            tensors, trainer = trainer.tensors(), trainer_of(case, engine, folder, devices=devices)
            trainer.load_tensors(tensors)
        assert not deep or has_loop(trainer) == deep[step]
        assert trainer.run(step, [RATE], shares[:1]) == 1
        values[f"means/{step}"] = np.array(list(trainer.means().values()))
    tensors = trainer.tensors()
    values |= {f"{STEPS}/{name}": array for name, array in tensors.items()}
    if shares:
        values |= {
            f"averaged/{name}": array for name, array in trainer.average_tensors(COUNT).items()
        }
    values |= scores("model", trainer.evaluator(), case)
    portable: Any = portable_evaluator(trainer, tensors, engine, folder=folder)
    assert not deep or has_loop(portable)
    return values | scores("portable", portable, case)


def scores(name: str, evaluator: Evaluator, case: Case) -> dict[str, np.ndarray]:
    probabilities = np.concatenate(list(evaluator.predict(images_of(case))))
    figures = np.array(list(evaluator.means().values()))
    return {f"probabilities/{name}": probabilities, f"evaluated/{name}": figures}


def portable_evaluator(
    trainer: Any, tensors: Mapping[str, np.ndarray], engine: EngineName, *, folder: Path
) -> Evaluator:
    """What scores these weights as the end of a run and `archc eval` do."""
    graph = archcompile.compile(str(folder / "net.yaml"))
    model = to_keras(graph)
    load_values(model, model_tensors(tensors))
    return open_engine(engine).make_evaluator(
        graph, model, trainer.recipe, statistics=trainer.statistics
    )


def has_loop(of: Any) -> bool:
    """Whether a trainer or evaluator under JAX has the three equal units as a loop."""
    return 3 in [loop.times for loop in getattr(of.forward, "loops", ())]


WAYS = ("looped", "recomputed", "deep", "into_deep", "out_of_deep")
DEEP = {  # whether equal units are one loop in the first step, and in those after it
    "deep": (True, True),
    "into_deep": (False, True),
    "out_of_deep": (True, False),
}


def first_steps_under(way: str, case: Case, folder: Path) -> dict[str, np.ndarray]:
    """Under JAX, on these devices, or in one of WAYS: steps in a loop as on accelerators, units
    computed again as where memory is short, equal units as one as in very deep networks, in all
    steps or in some, with a checkpoint between.
    """
    from archcompile.engine.jax import evaluator, making

    deep = list(DEEP.get(way, ()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "is_too_large", lambda *_: way == "recomputed")
        patch.setattr(making, "is_looped", lambda *_: bool(deep) and deep.pop(0))
        patch.setattr(evaluator, "is_very_deep", lambda graph: way in DEEP)
        return first_steps(
            *(case, "jax", folder),
            devices="cpu" if way in WAYS else way,
            is_looped=way == "looped",
            deep=DEEP.get(way, ()),
        )


def write_first_steps(path: str, *ways: str) -> None:
    """In a process of its own: what cases come to under JAX, as arrays by name.

    Of "DEVICES=CASE,CASE ..." each; names begin with the devices, or a word of WAYS, and the case.
    """
    file, arrays = Path(path), {}
    for way, _, names in (text.partition("=") for text in ways):
        for name in names.split(","):
            steps = first_steps_under(way, CASES[name], file.parent)
            arrays |= {f"{way}={name}:{key}".replace("/", "|"): steps[key] for key in steps}
    with file.open("wb") as out:
        np.savez(out, **arrays)
