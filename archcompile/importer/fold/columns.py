"""One step of all units of a block, or of all joins of a rule: its attributes solved together."""

from collections.abc import Sequence
from typing import Any

from archcompile.graph import Node
from archcompile.importer.fold.attributes import SPELLINGS, Word, attributes, spellings
from archcompile.importer.fold.solve import Argument, Expression, Solver, relation
from archcompile.ops import Window, Windowed

PAD_BEFORE = "pad before"  # no attribute: a pad in front of the step, as (its size, its `if`)
HALVES = ("{} // 2", "{} // 2 - 1", "{} // 2 + 1")  # of a kernel, as zeros on one side


def solved(solver: Solver, nodes: Sequence[Node], may_pad: bool = False) -> dict[str, Any]:
    """The attributes of one step: literals, or expressions over the solver's facts and arguments.

    Where zeros around the map come with a stride, `may_pad` allows a pad with an `if` in front,
    under PAD_BEFORE.
    """
    columns = [attributes(node.op) for node in nodes]
    ops = [node.op for node in nodes if isinstance(node.op, Windowed)]
    if ops:
        columns = [
            {**column, "padding": way} for column, way in zip(columns, padding(ops), strict=True)
        ]
    if (
        isinstance(nodes[0].op, Window)
        and len({column["stride"] is None for column in columns}) > 1
    ):
        columns = [{**column, "stride": column["stride"] or column["size"]} for column in columns]
    found: dict[str, Any] = {}
    for key in columns[0]:
        values = [column[key] for column in columns]
        split = _split(found, columns) if may_pad and ops and key == "padding" else None
        found |= split or {key: solver.solve(key, values)}
    return found


def padding(ops: Sequence[Windowed]) -> list[Any]:
    """One way to write the padding that does for all, where there is one."""
    ways = [spellings(op) for op in ops]
    common = [way for way in ways[0] if all(way in others for others in ways)]
    if common:
        common.sort(key=lambda way: SPELLINGS.index(way) if way in SPELLINGS else len(SPELLINGS))
        return [Word.of(common)] * len(ops)
    return [way[0] for way in ways]


def _split(found: dict[str, Any], columns: list[dict[str, Any]]) -> dict[str, Any] | None:
    """`same` at most strides and given zeros at one: a pad in front where the stride is that one,
    then `valid`.
    """
    stride, kernel = found["stride"], found["kernel"]
    padded = [n for n, column in enumerate(columns) if column["padding"] != "same"]
    sizes = [columns[n]["padding"] for n in padded]
    if (
        not padded
        or not all(isinstance(size, list) for size in sizes)
        or not isinstance(stride, Expression)
    ):
        return None
    strides = {columns[n]["stride"] for n in padded if isinstance(columns[n]["stride"], int)}
    others = [column["stride"] for n, column in enumerate(columns) if n not in padded]
    if (
        len(strides) != 1
        or stride.pattern != "{}"
        or strides & {other for other in others if isinstance(other, int)}
    ):
        return None
    (only,) = strides
    size = [_zeros(kernel, [each[side] for each in sizes], padded) for side in range(4)]
    if any(side is None for side in size):
        return None
    condition = Expression(f"{{}} == {only}", stride.about)
    return {
        "padding": Expression(f"'valid' if {{}} == {only} else 'same'", stride.about),
        PAD_BEFORE: (size, condition),
    }


def _zeros(kernel: Any, sizes: list[int], units: list[int]) -> Any:
    """The zeros on one side: a number, or what half the kernel makes; None where neither does."""
    if len(set(sizes)) == 1:
        return sizes[0]
    if (
        not isinstance(kernel, Expression)
        or not isinstance(kernel.about, Argument)
        or kernel.pattern != "{}"
    ):
        return None
    kernels = [kernel.about.values[n] for n in units]
    for pattern, offset in zip(HALVES, (0, -1, 1), strict=True):
        if all(
            isinstance(k, int) and k // 2 + offset == size
            for k, size in zip(kernels, sizes, strict=True)
        ):
            return Expression(pattern, kernel.about)
    same = relation(sizes, kernels) if all(isinstance(k, int) for k in kernels) else None
    return Expression(same, kernel.about) if same else None
