"""What `archc bench` measures and prints, without measuring anything."""

from dataclasses import replace
from math import prod
from typing import Any

import pytest

from archcompile.analyses.cost import layers
from archcompile.bench.common_training import check_is_plain
from archcompile.bench.task import Outcome, Task, tasks
from archcompile.errors import UsageError
from archcompile.ops import ceil_div
from archcompile.ops.conv import Conv, DepthwiseConv
from archcompile.recipe import Augment
from tests.conftest import shipped_graph

OURS = Task(
    contender="archc",
    spec="resnet_v1_20",
    sets=(),
    recipe=None,
    batch=128,
    precision="float32",
    steps=20,
    turns=4,
)


def test_who_is_measured() -> None:
    actual = tasks(OURS, ["float32", "mixed_bfloat16"], ["keras", "article"])
    assert [(task.contender, task.precision, task.batch, task.steps) for task in actual] == [
        ("archc", "float32", 128, 20),
        ("archc", "mixed_bfloat16", 128, 20),
        ("keras", "float32", 128, 20),
        ("keras", "mixed_bfloat16", 128, 20),
        ("article", "float32", 32, 80),
        ("convolutions", "float32", 128, 20),
        ("convolutions", "mixed_bfloat16", 128, 20),
    ]


def test_ratios_are_of_turns_and_precisions() -> None:
    from archcompile.bench.table import as_record, beside, rows

    ours = Outcome(task=OURS, seconds=(1e-3, 2e-3, 1e-3, 1e-3), built="ours")
    half = Outcome(
        task=replace(OURS, precision="mixed_bfloat16"), seconds=(5e-4,) * 4, built="ours"
    )
    keras = Outcome(
        task=replace(OURS, contender="keras"), seconds=(2e-3, 2e-3, 3e-3, 4e-3), built="theirs"
    )
    article = Outcome(
        task=replace(OURS, contender="article", batch=32), seconds=(2e-3,) * 4, built="its"
    )
    torch = Outcome(task=replace(OURS, contender="torch"), missing="torch is not installed")
    actual = [ours, half, keras, torch, article]
    ((_, numbers),) = beside(actual, keras)
    assert numbers == pytest.approx((1.75, 2.5, 3.25))  # of 2, 1, 3, 4
    assert [
        (first.task.precision, middle) for first, (_, middle, _) in beside(actual, article)
    ] == [
        ("float32", pytest.approx(2.0)),
        ("mixed_bfloat16", pytest.approx(4.0)),
    ]
    assert beside(actual, torch) == [] and beside(actual, ours) == []
    table = rows(actual)
    assert table[1][:5] == ("archc train", "float32", "128", "1,000", "")
    assert table[3][3:6] == ("400", "2.50", "1.75 … 3.25")
    assert table[4][3:] == ("", "", "", "torch is not installed")
    assert table[5][6].startswith("ours in float32") and table[6][4:] == (
        "4.00",
        "4.00 … 4.00",
        "ours in bfloat16",
    )
    record = as_record(actual)
    assert record[2]["archc_is"][0]["lower_quartile"] == pytest.approx(1.75)
    assert record[3]["images_per_second"] is None and record[3]["missing"]


@pytest.mark.keras
@pytest.mark.parametrize("name", ["resnet_v1_20", "resnet_50", "keras_mobilenet_v2"])
def test_the_roofline_has_every_convolution(name: str) -> None:
    """The multiply-adds of what is timed are those of the network's convolutions, counted another
    way.
    """
    from archcompile.bench.convolutions import convolutions

    graph = shipped_graph(name)
    actual = convolutions(graph)
    counted = 0
    for kind, times in actual.items():
        height, width = (
            ceil_div(size, step) if kind.padding == "same" else (size - window) // step + 1
            for size, step, window in zip(kind.inputs, kind.stride, kind.kernel, strict=False)
        )
        counted += times * height * width * prod(kind.kernel)
    expected = sum(
        cost.macs
        for cost in layers(graph)
        if isinstance(graph.nodes[cost.name].op, Conv | DepthwiseConv)
    )
    assert counted == expected
    assert sum(times for kind, times in actual.items() if kind.is_first) == 1


def test_a_contender_that_dies_is_an_outcome_with_its_last_words() -> None:
    from archcompile.bench.alternate import measure

    (actual,) = measure([replace(OURS, contender="nobody")], lambda text: None)
    assert actual.seconds == () and actual.missing == "its process ended: KeyError: 'nobody'"


# what every contender does to pictures, each in its own way
COMMON = {"shift", "interpolation", "pad_crop", "fill", "crop", "flip"}
OF_OURS: dict[str, Any] = {
    "resized_crop": {},
    "jitter": {"hue": 0.1},
    "policy": {"kind": "trivial_augment"},
    "erase": {},
    "mix": {"mixup": 1},
    "views": 2,
}


def test_what_a_contender_would_leave_out_is_refused() -> None:
    check_is_plain(Augment(shift=0.1, flip="horizontal"))
    assert OF_OURS.keys() == Augment.model_fields.keys() - COMMON
    for name, value in OF_OURS.items():
        with pytest.raises(UsageError, match=rf"no `augment\.{name}`"):
            check_is_plain(Augment.model_validate({name: value}))
