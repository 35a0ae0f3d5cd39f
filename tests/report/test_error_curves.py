"""Error over epochs of several runs in one chart."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from archcompile.report.error_curves import (
    COLOURS,
    Curve,
    curves_of,
    draw_error_curves,
    label_solid_lines,
    palette,
    top,
)
from archcompile.report.groups import compare_runs
from archcompile.report.reading import read
from tests.report.written_runs import write_run

SVG = "{http://www.w3.org/2000/svg}"


def curve(measured: list[float], training: list[float] | None = None, on: str = "test") -> Curve:
    return Curve(
        label="x",
        colour="#000000",
        epochs=list(range(1, len(measured) + 1)),
        training=training or [0.0] * len(measured),
        measured=measured,
        on=on,
    )


def test_a_group_is_a_mean_within_its_range(tmp_path: Path) -> None:
    folders = [
        write_run(tmp_path / f"r{seed}", seed=seed, accuracies=(0.5, 0.6 + 0.1 * seed))
        for seed in (0, 1)
    ]
    single = write_run(tmp_path / "one", spec="b" * 64, name="other", validation=9)
    empty = write_run(tmp_path / "none", spec="c" * 64, accuracies=(), result=False)
    alone, group = curves_of(
        compare_runs([read(folder) for folder in (*folders, single, empty)]).groups
    )
    assert group.measured == pytest.approx([50, 35]) and group.training == pytest.approx([40, 25])
    assert [end for ends in group.measured_ranges for end in ends] == pytest.approx(
        [50, 50, 30, 40]
    )
    assert (group.label, group.on, list(group.epochs)) == ("b: net · 2 seeds", "test", [1, 2])
    assert alone.measured == pytest.approx([50, 40, 20, 30]) and not (
        alone.measured_ranges or alone.training_ranges
    )
    assert alone.on == "validation" and label_solid_lines([group, alone]) == "test or validation"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [[60.0, 20.0, 9.0, 8.5, 8.4]],
            20,
        ),  # as He et al.: twice the median, so that the first epochs are cut off
        ([[60.0, 20.0, 9.0, 8.5, 8.4], [70.0, 30.0, 12.0, 11.0, 11.0]], 25),
        ([[90.0, 90.0, 89.0]], 100),
        ([[5.0, 0.4, 0.3]], 1),
        ([[10.0, 10.0, 10.0, 10.0, 40.0]], 50),  # the end is always inside
        ([[30.0]], 40),
        ([[0.0]], 1),
    ],
)
def test_where_the_axis_ends(lines: list[list[float]], expected: float) -> None:
    assert top([curve(line) for line in lines]) == expected


def test_training_error_counts_too() -> None:
    assert top([curve([2.0, 2.0], [40.0, 40.0])]) == 50


def test_colours_are_all_different() -> None:
    assert palette(3) == list(COLOURS[:3])
    many = palette(40)
    assert len(set(many)) == 40 and all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in many)


@pytest.mark.parametrize("epochs", [1, 5])
def test_both_formats(tmp_path: Path, epochs: int) -> None:
    folders = [
        write_run(tmp_path / f"r{seed}", seed=seed, name="a_$x_", accuracies=(0.5,) * epochs)
        for seed in (0, 1)
    ]
    actual = curves_of(compare_runs([read(folder) for folder in folders]).groups)
    title = "a $title_ with < and %"
    svg = draw_error_curves(actual, title, "svg")
    assert svg == draw_error_curves(actual, title, "svg")
    root = ElementTree.fromstring(svg)
    assert root.findtext(f"{SVG}title") == title
    size = tuple(2 * int(root.get(key, "")) for key in ("width", "height"))
    assert Image.open(io.BytesIO(draw_error_curves(actual, title, "png"))).size == size
    line = "circle" if epochs == 1 else "polyline"
    drawn = [e.tag for e in root.iterfind(f"{SVG}g/{SVG}svg/*")]
    assert drawn == [SVG + name for name in ("polygon", line)] * 2
    dashes = [e.get("stroke-dasharray") is not None for e in root.iter(f"{SVG}polyline")]
    assert dashes == ([] if epochs == 1 else [True, False]), "training is the dashed line"
