"""Runs side by side: seeds of one training together, and what is not alike in words."""

from pathlib import Path

import numpy as np
import pytest

from archcompile.report.groups import Comparison, compare_runs
from archcompile.report.reading import read
from archcompile.report.side_by_side import (
    APART,
    as_record,
    comparison_rows,
    difference_words,
    notes,
)
from tests.report.written_runs import put, write_run


def of(*folders: Path) -> Comparison:
    return compare_runs([read(folder) for folder in folders])


@pytest.fixture
def seeds(tmp_path: Path) -> list[Path]:
    """Three seeds of one training."""
    return [
        write_run(
            tmp_path / f"r{seed}", seed=seed, accuracies=(0.5, 0.6, 0.7, 0.7 + 0.05 * seed**2)
        )
        for seed in range(3)
    ]


def test_seeds_of_one_training_are_a_group_with_mean_and_deviation(seeds: list[Path]) -> None:
    actual = of(*seeds)
    (group,) = actual.groups
    values = [0.7, 0.75, 0.9]
    assert (group.label, group.seeds, actual.differences, notes(actual)) == (
        "net · 3 seeds",
        [0, 1, 2],
        [],
        [],
    )
    assert group.figures["test_accuracy"].mean == pytest.approx(np.mean(values))
    assert group.figures["test_accuracy"].std == pytest.approx(np.std(values, ddof=1))
    assert list(actual.labels) == ["net · seed 0", "net · seed 1", "net · seed 2"]
    assert [row[0] for row in comparison_rows(actual)] == [
        "run",
        *map(str, seeds),
        "mean ± std of 3",
    ]
    assert comparison_rows(actual)[-1][6:9] == (
        "0.2500 ± 0.0000",
        "0.2250 ± 0.0000",
        "0.7833 ± 0.1041",
    )
    record = as_record(actual)
    assert record["groups"][0]["test_accuracy"]["mean"] == group.figures["test_accuracy"].mean
    assert [run["test_accuracy"] for run in record["runs"]] == pytest.approx(values)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"spec": "b" * 64, "name": "other"},
            ["network: net (aaaaaaaaaaaa) in a | other (bbbbbbbbbbbb) in b"],
        ),
        ({"recipe": {"batch_size": 20}}, ["recipe batch_size: 10 in a | 20 in b"]),
        (
            {"recipe": {"precision": "mixed_bfloat16"}},
            ["recipe precision: float32 in a | mixed_bfloat16 in b"],
        ),
        (
            {"recipe": {"schedule": {"kind": "piecewise", "boundaries": [2], "factors": [0.1]}}},
            [
                "recipe schedule.kind: none in a | piecewise in b",
                "recipe schedule.unit: none in a | epochs in b",
                "recipe schedule.boundaries: none in a | [2] in b",
                "recipe schedule.factors: none in a | [0.1] in b",
            ],
        ),
        (
            {"data": "e" * 64},
            [
                (
                    "data: digits (100 + 30 images, dddddddddddd) in a | digits (100 + 30 images, "
                    "eeeeeeeeeeee) in b"
                )
            ],
        ),
        ({"epochs": 8}, ["epochs: 4 in a | 8 in b"]),
        ({"epochs": 8, "finished": False}, ["epochs: 4 in a | 4 of 8, stopped early in b"]),
        ({"result": False}, ["epochs: 4 in a | 4 of 4, unfinished in b"]),
    ],
)
def test_what_differs_is_said_and_not_averaged(
    tmp_path: Path, options: dict, expected: list[str]
) -> None:
    if options.get("epochs") == 8 and options.get("finished", True):
        options = {**options, "accuracies": (0.5,) * 8}
    first, second, third = (
        write_run(tmp_path / "a"),
        write_run(tmp_path / "b", seed=1),
        write_run(tmp_path / "c", **options),
    )
    actual = of(first, second, third)
    assert [difference_words(item, actual) for item in actual.differences] == expected
    assert [len(group.runs) for group in actual.groups] == [2, 1]
    assert (APART in notes(actual)) == ("data" in options)


def test_a_difference_inside_a_group_names_the_seed(seeds: list[Path]) -> None:
    environment = seeds[1] / "environment.json"
    environment.write_text(
        environment.read_text().replace('"tensorflow": "2.21"', '"tensorflow": "2.22"')
    )
    actual = of(*seeds)
    assert [difference_words(first, actual) for first in actual.differences] == [
        "tensorflow version: 2.21 in a seed 0, a seed 2 | 2.22 in a seed 1"
    ]


def test_labels_tell_the_runs_apart(tmp_path: Path) -> None:
    another = {"recipe": {"name": "long", "batch_size": 7}}
    a, b, c, d = (
        write_run(tmp_path / "a"),
        write_run(tmp_path / "b"),
        write_run(tmp_path / "c", **another),
        write_run(tmp_path / "d", label="mine"),
    )
    for run in (a, b, d):
        (run / "result.json").write_text(
            (run / "result.json").read_text().replace('"recipe": "small"', '"recipe": "short"')
        )
    assert list(of(a, b).labels) == ["net · seed 0 (a)", "net · seed 0 (b)"]
    assert list(of(a, c).labels) == ["net · short · seed 0", "net · small · seed 0"]
    assert list(of(a, d).labels) == ["net · digits · seed 0", "net · mine · seed 0"]
    assert notes(of(a, b)) == ["net · 2 runs of 1 seed: seed 0 is included more than once"]


def test_a_run_without_an_epoch_is_in_the_table(tmp_path: Path) -> None:
    actual = of(write_run(tmp_path / "a", accuracies=(), result=False), write_run(tmp_path / "b"))
    assert comparison_rows(actual)[2] == (
        str(tmp_path / "a"),
        "b",
        "net (a)",
        "",
        "0",
        "0/4",
        "",
        "",
        "",
        "",
        "0s",
    )


def test_frozen_parts_and_first_weights_are_told(tmp_path: Path) -> None:
    import json

    first, second = write_run(tmp_path / "a"), write_run(tmp_path / "b")
    record = json.loads((second / "environment.json").read_text())
    record["options"] |= {"init": "/x/run", "freeze": ["s1", "s2"]}
    record["identity"] |= {"init": "/x/run", "freeze": ["s1", "s2"]}
    put(second / "environment.json", record)
    actual = of(first, second)
    assert [difference_words(item, actual) for item in actual.differences] == [
        "first weights: by the seed in a | /x/run in b",
        "not trained: nothing in a | s1, s2 in b",
    ]
    assert len(actual.groups) == 2
