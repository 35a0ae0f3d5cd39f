"""One step of all units of a block, or of all joins of a rule: solved together."""

from collections.abc import Sequence
from typing import Any

from archcompile.graph import Node
from archcompile.importer.fold.node_settings import SPELLINGS, Word, attributes, spellings
from archcompile.importer.fold.solve import Argument, Expression, Solver, relation
from archcompile.ops import Window, Windowed

PAD_BEFORE = "pad before"  # no attribute: a pad in front of the step, as (its size, its `if`)
HALVES = ("{} // 2", "{} // 2 - 1", "{} // 2 + 1")  # of a kernel, as zeros on one side


def solve_step(solver: Solver, nodes: Sequence[Node], may_pad: bool = False) -> dict[str, Any]:
    """The attributes of one step: literals, or expressions over the solver's facts and arguments.

    Where zeros around the map come with a stride, `may_pad` allows a pad with an `if` in front,
    under PAD_BEFORE.
    """
    rows = [attributes(node.op) for node in nodes]
    ops = [node.op for node in nodes if isinstance(node.op, Windowed)]
    if ops:
        rows = [{**row, "padding": way} for row, way in zip(rows, padding(ops), strict=True)]
    if isinstance(nodes[0].op, Window) and len({row["stride"] is None for row in rows}) > 1:
        rows = [{**row, "stride": row["stride"] or row["size"]} for row in rows]
    solved: dict[str, Any] = {}
    for key in rows[0]:
        values = [row[key] for row in rows]
        is_split = may_pad and ops and key == "padding"
        split = _split(solved, rows) if is_split else None
        solved |= split or {key: solver.solve(key, values)}
    return solved


def padding(ops: Sequence[Windowed]) -> list[Any]:
    """One way to write the padding that does for all, where there is one."""
    ways = [spellings(op) for op in ops]
    common = [way for way in ways[0] if _is_in_all(way, ways)]
    if common:
        common.sort(key=lambda way: SPELLINGS.index(way) if way in SPELLINGS else len(SPELLINGS))
        return [Word.of(common)] * len(ops)
    return [way[0] for way in ways]


def _is_in_all(way: Any, lists: Sequence[Sequence[Any]]) -> bool:
    return all(way in ways for ways in lists)


def _split(known: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """`same` at most strides and given zeros at one of them.

    That is written as a pad in front where the stride is that one, then `valid`.
    """
    stride, kernel = known["stride"], known["kernel"]
    padded = [n for n, row in enumerate(rows) if row["padding"] != "same"]
    sizes = [rows[n]["padding"] for n in padded]
    if (
        not padded
        or not all(isinstance(size, list) for size in sizes)
        or not isinstance(stride, Expression)
    ):
        return None
    strides = {rows[n]["stride"] for n in padded if isinstance(rows[n]["stride"], int)}
    unpadded = [row["stride"] for n, row in enumerate(rows) if n not in padded]
    is_shared = bool(strides & {each for each in unpadded if isinstance(each, int)})
    if len(strides) != 1 or stride.pattern != "{}" or is_shared:
        return None
    (only,) = strides
    size = [_zeros(kernel, side, padded) for side in _sides(sizes)]
    if any(side is None for side in size):
        return None
    condition = Expression(f"{{}} == {only}", stride.about)
    return {
        "padding": Expression(f"'valid' if {{}} == {only} else 'same'", stride.about),
        PAD_BEFORE: (size, condition),
    }


def _sides(sizes: Sequence[Sequence[int]]) -> list[list[int]]:
    """The zeros at the top of every map, then at the bottom, left and right."""
    return [list(column) for column in zip(*sizes, strict=True)]


def _zeros(kernel: Any, sizes: list[int], units: list[int]) -> Any:
    """The zeros on one side: a number, or half the kernel; None where it is neither."""
    if len(set(sizes)) == 1:
        return sizes[0]
    if (
        not isinstance(kernel, Expression)
        or not isinstance(kernel.about, Argument)
        or kernel.pattern != "{}"
    ):
        return None
    kernels = [kernel.about.values[n] for n in units]
    if not all(isinstance(k, int) for k in kernels):
        return None
    for pattern, offset in zip(HALVES, (0, -1, 1), strict=True):
        if [k // 2 + offset for k in kernels] == sizes:
            return Expression(pattern, kernel.about)
    related = relation(sizes, kernels)
    return Expression(related, kernel.about) if related else None
