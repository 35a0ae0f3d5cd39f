"""What pixels see through single ops and reshapes: each case by hand, or value by value."""

from fractions import Fraction

import numpy as np
import pytest

from archcompile.analyses.map_fields import (
    Extreme,
    MapFields,
    fields_behind_op,
    fields_behind_reshape,
)
from archcompile.analyses.receptive_fields import Receptive, last_map, receptive
from archcompile.api import compile_text
from archcompile.ops.base import View


def runs(base: tuple[int, int, int], run: int) -> tuple[int, int]:
    """The most rows and the most columns of a map on which a run of so many of its values lies,
    counted value by value.
    """
    height, width, depth = base
    pixels = np.arange(height * width * depth).reshape(-1, run) // depth
    rows, columns = pixels // width, pixels % width
    return int(np.ptp(rows, axis=1).max()) + 1, int(np.ptp(columns, axis=1).max()) + 1


SHAPES = [
    ((a, b, c), (d, e, f))
    for a, b, c in ((4, 3, 2), (2, 6, 4), (3, 5, 1), (5, 1, 6), (1, 4, 6), (5, 2, 3))
    for d in range(1, a * b * c + 1)
    for e in range(1, a * b * c // d + 1)
    for f in (a * b * c // d // e,)
    if d * e * f == a * b * c
]


@pytest.mark.parametrize("extreme", [min, max])
def test_a_reshape_of_one_pixel_each(extreme: Extreme) -> None:
    for base, shape in SHAPES:
        source = fields_behind_op(base, (), (), views=(), extreme=extreme)
        actual, size = fields_behind_reshape(source, shape, extreme), runs(base, shape[2])
        (height, width, depth), (_, columns, run) = base, shape
        if columns * run == width * depth:  # a row of the one is a row of the other
            jumps, around = (1, Fraction(run, depth)), None
        elif columns == 1 and run % (width * depth) == 0:  # a pixel is so many rows
            jumps, around = (Fraction(size[0]), Fraction(0)), None
        else:
            jumps, around = (0, Fraction(0)), ({0: height}, {0: width})
        assert actual.fields == ({jumps[0]: size[0]}, {jumps[1]: size[1]}), (base, shape)
        assert (actual.base, actual.base_fields, actual.around) == (base, ({1: 1}, {1: 1}), around)


def test_a_vector_sees_everything() -> None:
    actual = fields_behind_reshape(
        fields_behind_op((4, 3, 2), (), (), views=(), extreme=max), (24,), max
    )
    assert (actual.fields, actual.base, actual.around) == (({0: 4}, {0: 3}), (4, 3, 2), None)


@pytest.mark.parametrize("shape", [(12, 2), (4, 6), (8, 3), (2, 12), (24, 1)])
def test_tokens_are_pixels_of_one_column(shape: tuple[int, int]) -> None:
    source = fields_behind_op((4, 3, 2), (), (), views=(), extreme=max)
    column = fields_behind_reshape(source, (shape[0], 1, shape[1]), max)
    assert fields_behind_reshape(source, shape, max) == column


@pytest.mark.parametrize(("width", "rows"), [(1 << 20, 2), ((1 << 20) + 1, 3)])
def test_rows_that_are_too_long_to_be_looked_at_pixel_by_pixel(width: int, rows: int) -> None:
    """Three values lie on two rows at most; beyond the limit on all three that there are."""
    assert fields_behind_reshape(
        fields_behind_op((3, width, 1), (), (), views=(), extreme=max), (1, width, 3), max
    ).fields == (
        {0: rows},
        {0: width},
    )


# shapes of the inputs' bases, the inputs, what is made of them, whether pixel by pixel, and the
# base that is kept
KEPT = [
    ([(4, 3, 2)], [(4, 3, 2)], (4, 3, 5), True, (4, 3, 5)),
    ([(4, 3, 2)], [(4, 3, 2)], (4, 3, 2), False, None),
    ([(4, 3, 4)], [(4, 6, 2)], (4, 6, 3), True, (4, 3, 6)),
    ([(4, 3, 4)], [(4, 2, 6)], (4, 2, 6), True, None),
    ([(4, 3, 4)], [(12, 4)], (12, 2), True, (4, 3, 2)),
    ([(4, 3, 2)] * 2, [(4, 3, 2)] * 2, (4, 3, 4), True, (4, 3, 4)),
    ([(4, 3, 4), (4, 6, 2)], [(4, 6, 2)] * 2, (4, 6, 2), True, None),
    ([(24,)], [(4, 3, 2)], (4, 3, 2), True, None),
    ([(4, 3, 4)], [(4, 6, 2)], (4, 12, 2), True, None),
    ([(4, 3, 2), (24,)], [(4, 3, 2)] * 2, (4, 3, 2), True, None),
]


@pytest.mark.parametrize("case", range(len(KEPT)))
def test_which_map_values_stay_in_the_pixels_of(case: int) -> None:
    bases, inputs, shape, single, kept = KEPT[case]
    first = ({1: 1}, {1: 1})
    sources = [MapFields(fields=({1: 3}, {1: 5}), base=base, base_fields=first) for base in bases]
    view = View() if single else View((3, 3), (2, 1))
    actual = fields_behind_op(shape, sources, inputs, views=[view] * len(sources), extreme=max)
    fields = ({1: 3}, {1: 5}) if single else ({2: 5}, {1: 7})
    assert actual == (
        MapFields(fields=fields, base=shape, base_fields=fields)
        if kept is None
        else MapFields(fields=fields, base=kept, base_fields=first)
    )


def test_paths_of_different_jumps_are_kept_apart() -> None:
    sources = [
        MapFields(
            fields=({1: 3, 2: 4}, {1: 1}), base=(8, 8, 4), base_fields=({1: 3, 2: 4}, {1: 1})
        ),
        MapFields(fields=({2: 9}, {1: 2}), base=(8, 8, 4), base_fields=({2: 9}, {1: 2})),
    ]
    for extreme, rows, columns in ((max, {1: 3, 2: 9}, {1: 2}), (min, {1: 3, 2: 4}, {1: 1})):
        actual = fields_behind_op(
            (8, 8, 4), sources, [(8, 8, 4)] * 2, views=[View()] * 2, extreme=extreme
        )
        assert actual.fields == actual.base_fields == (rows, columns)


@pytest.mark.parametrize(("jumps", "kept"), [(64, 64), (65, 1)])
def test_of_too_many_jumps_the_outermost_stays(jumps: int, kept: int) -> None:
    fields = ({jump: 10 + jump for jump in range(1, jumps + 1)}, {1: 1})
    actual = fields_behind_op(
        (8, 8, 4),
        [MapFields(fields=fields, base=(8, 8, 4), base_fields=fields)],
        [(8, 8, 4)],
        views=[View()],
        extreme=max,
    )
    assert (
        len(actual.fields[0]) == len(actual.base_fields[0]) == kept
        and actual.fields[0][jumps] == 10 + jumps
    )


def test_what_stands_around_scattered_pixels() -> None:
    """A window in a list of pixels whose neighbours are not neighbours sees what is around them."""
    source = fields_behind_reshape(
        fields_behind_op((4, 3, 2), (), (), views=(), extreme=max), (12, 1, 2), max
    )
    assert source.around == ({0: 4}, {0: 3}) and source.fields == ({0: 1}, {0: 1})
    single = fields_behind_op((12, 1, 2), [source], [(12, 1, 2)], views=[View()], extreme=max)
    assert (single.fields, single.around) == (source.fields, source.around)
    assert fields_behind_op(
        (12, 1, 2), [source], [(12, 1, 2)], views=[View((3, 1))], extreme=max
    ).fields == ({0: 4}, {0: 3})


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ("conv: {filters: 4, kernel: 3}, max_pool: {size: 2}, relu, global_avg_pool", "stem_relu1"),
        ("avg_pool: {size: 8}, relu", "input"),
        ("avg_pool: {size: [8, 4]}, relu", "stem_relu1"),
    ],
)
def test_the_last_map_of_more_than_one_pixel(steps: str, name: str) -> None:
    assert last_map(compile_text(f"archc: 1\ninput: [8, 8, 4]\nstem: [{steps}]\n")).name == name


def test_of_single_pixels_the_last_one() -> None:
    assert (
        last_map(compile_text("archc: 1\ninput: [1, 1, 4]\nstem: [relu, flatten, tanh]\n")).name
        == "stem_tanh1"
    )


def test_whether_a_field_covers_the_image() -> None:
    field = Receptive((1, 1), (5, 7), (1, 1))
    shapes = {(5, 7, 3): True, (6, 7, 3): False, (5, 8, 3): False, (4, 6, 1): True, (100,): True}
    assert {shape: field.covers(shape) for shape in shapes} == shapes


FIELDS = [  # steps, and the smallest and the largest field of the last pixel, and how far it moves
    ("conv: {filters: 4, kernel: 3}", Receptive((3, 3), (3, 3), (1, 1))),
    (
        "conv: {filters: 4, kernel: [3, 5], stride: [2, 1]}, conv: {filters: 4, kernel: 3}",
        Receptive((7, 7), (7, 7), (2, 1)),
    ),
    # one and a half
    (
        "upsample: {size: [2, 1]}, conv: {filters: 4, kernel: 2}",
        Receptive((1, 2), (2, 2), (Fraction(1, 2), 1)),
    ),
    (
        "upsample: {size: 2}, conv: {filters: 4, kernel: 3, stride: 2}",
        Receptive((2, 2), (2, 2), (1, 1)),
    ),
    (
        (
            "concat: {branches: {a: [conv: {filters: 4, kernel: 5}], b: [max_pool: {size: [1, 3], "
            "stride: 1, padding: same}]}}"
        ),
        Receptive((1, 3), (5, 5), (1, 1)),
    ),
    ("global_avg_pool", Receptive((8, 8), (8, 8), (0, 0))),
    (
        "conv: {filters: 4, kernel: 3}, flatten, dense: {units: 2}",
        Receptive((10, 10), (10, 10), (0, 0)),
    ),
]


@pytest.mark.parametrize(("steps", "field"), FIELDS)
def test_fields_through_steps(steps: str, field: Receptive) -> None:
    graph = compile_text(f"archc: 1\ninput: [8, 8, 4]\nstem: [{steps}]\n")
    assert receptive(graph)[graph.parts["stem"]] == field
