"""What the pixels of a map see of the image, followed through ops and through reshapes.

A reshape moves no value in memory: a pixel of its output is a run of values, which are all or parts
of some pixels of the map it was made of. That map, the base, is kept as long as values stay in its
pixels: so a reshape there and back, with layers of single pixels in between (a shuffle of
channels), widens nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

from archcompile.ops import Shape, View, whole

Number = int | Fraction
# the extreme size of a field among the paths that have the same jump, by that jump
Sizes = dict[Number, Number]
Fields = tuple[Sizes, Sizes]  # along the height and the width of the image
Extreme = Callable[..., Any]  # `min` or `max`

# on one map; beyond it sizes are bounds, which only a net written for the purpose will see
MOST_JUMPS = 64
ONE_PIXEL: Fields = ({1: 1}, {1: 1})
# of a row that are looked at one by one; beyond it a reshape is taken to see everything
MOST_PIXELS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFields:
    """The fields of a map's pixels, and of those of its base, a map of which it is another view.

    Where neighbours in the map are none in the base, `around` is what a window sees: everything.
    All fields are along the rows and columns of the map; where it `is_turned`, its rows run along
    the width of the image.
    """

    fields: Fields
    base: Shape
    base_fields: Fields
    around: Fields | None = None
    is_turned: bool = False

    @property
    def is_everywhere_the_same(self) -> bool:
        """Whether all pixels see the same, as those behind attention do."""
        sizes = (*self.fields, *self.base_fields)
        return self.around is None and all(set(along) == {0} for along in sizes)

    @property
    def in_image(self) -> Fields:
        """The fields along the height and the width of the image."""
        return self.fields[::-1] if self.is_turned else self.fields


def fields_behind_op(
    shape: Shape,
    sources: Sequence[MapFields],
    shapes: Sequence[Shape],
    *,
    views: Sequence[View],
    extreme: Extreme,
) -> MapFields:
    """The output of an op that sees its inputs through these views; without inputs, the image."""
    if not sources:
        return MapFields(fields=ONE_PIXEL, base=shape, base_fields=ONE_PIXEL)
    base = _common_base(shape, sources, shapes, views=views)
    directions = {
        source.is_turned != view.is_turned
        for source, view in zip(sources, views, strict=True)
        if any(view.stride)
    }
    is_turned = directions == {True}
    fields: Fields = ({}, {})
    for source, given, view in zip(sources, shapes, views, strict=True):
        scattered = base is None and source.around is not None
        seen = _anywhere(given, extreme) if len(directions) > 1 and any(view.stride) else view
        behind = _through(
            source.around if scattered and source.around else source.fields, seen, extreme
        )
        if source.is_turned != is_turned:
            behind = behind[::-1]
        _enter(fields, behind, View(), extreme=extreme)
    fields = _bound(fields, extreme)
    if base is None or len(directions) > 1:
        return MapFields(fields=fields, base=shape, base_fields=fields, is_turned=is_turned)
    base_fields = _bound(_merge([source.base_fields for source in sources], extreme), extreme)
    around = _merge([source.around or source.fields for source in sources], extreme)
    return MapFields(
        fields=fields,
        base=base,
        base_fields=base_fields,
        around=around if any(source.around for source in sources) else None,
        is_turned=is_turned,
    )


def _anywhere(shape: Shape, extreme: Extreme) -> View:
    """What is seen of a map that meets one whose rows run along its columns.

    The two pixels may lie at the far ends of the image, or at the same place.
    """
    return View(stride=(0, 0)) if extreme is min else whole(shape)


def _common_base(
    shape: Shape, sources: Sequence[MapFields], shapes: Sequence[Shape], *, views: Sequence[View]
) -> Shape | None:
    """The base of an op's output if every value stays in its pixel of a common base, else None."""
    if set(views) != {View()}:
        return None
    pairs = list(zip(sources, shapes, strict=True))
    # what is the same everywhere is so on any base
    pairs = [pair for pair in pairs if not pair[0].is_everywhere_the_same] or pairs
    if any(len(source.base) != 3 or source.base[2] % given[-1] for source, given in pairs):
        return None
    pixels = {(source.base[:2], source.base[2] // given[-1], given[:-1]) for source, given in pairs}
    if len(pixels) != 1:
        return None
    ((extent, parts, places),) = pixels
    return (*extent, parts * shape[-1]) if places == shape[:-1] else None


def _bound(fields: Fields, extreme: Extreme) -> Fields:
    rows, columns = (
        {extreme(sizes): extreme(sizes.values())} if len(sizes) > MOST_JUMPS else sizes
        for sizes in fields
    )
    return rows, columns


def _merge(several: Sequence[Fields], extreme: Extreme) -> Fields:
    into: Fields = ({}, {})
    for fields in several:
        _enter(into, fields, View(), extreme=extreme)
    return into


def _enter(into: Fields, fields: Fields, view: View, *, extreme: Extreme) -> None:
    for axis in (0, 1):
        for jump, size in fields[axis].items():
            wider, step = size + (view.size[axis] - 1) * jump, jump * view.stride[axis]
            into[axis][step] = extreme(into[axis].get(step, wider), wider)


def _through(fields: Fields, view: View, extreme: Extreme) -> Fields:
    into: Fields = ({}, {})
    _enter(into, fields, view, extreme=extreme)
    return into


def fields_behind_reshape(source: MapFields, shape: Shape, extreme: Extreme) -> MapFields:
    """The same values under another shape."""
    base, fields = source.base, source.base_fields
    everything = _through(fields, whole(base), extreme)
    if len(shape) == 2:  # tokens, each a pixel of one column
        shape = (shape[0], 1, shape[1])
    if (
        len(base) != 3
        or len(shape) != 3
        or lcm(shape[2], base[1] * base[2]) > MOST_PIXELS * shape[2]
    ):
        return replace(source, fields=everything, around=None)
    (_, width, depth), (_, columns, run) = base, shape
    size = _span(width, depth, run)
    if columns * run == width * depth:  # rows stay rows
        return replace(
            source,
            fields=_through(fields, View(size, (1, Fraction(run, depth))), extreme),
            around=None,
        )
    if columns == 1 and run % (width * depth) == 0:  # a pixel is a number of whole rows
        return replace(
            source, fields=_through(fields, View(size, (size[0], 0)), extreme), around=None
        )
    return replace(source, fields=_through(fields, View(size, (0, 0)), extreme), around=everything)


def _span(width: int, depth: int, run: int) -> tuple[int, int]:
    """The most rows and columns of a map that runs of so many values reach.

    The pattern repeats when a row begins with a run.
    """
    rows = columns = 1
    for start in range(0, lcm(run, width * depth), run):
        first, last = start // depth, (start + run - 1) // depth
        height = last // width - first // width + 1
        rows, columns = max(rows, height), max(columns, width if height > 1 else last - first + 1)
    return rows, columns
