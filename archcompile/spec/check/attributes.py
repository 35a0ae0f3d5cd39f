"""Checks the attributes of an op before their values are known."""

from typing import Any

from archcompile.errors import SpecError
from archcompile.ops import Op
from archcompile.spec.expressions import is_expression
from archcompile.spec.language import attribute_hint, mistakes
from archcompile.spec.yaml import Map, Scalar, Seq, Tree, fail, plain


def has_expression(tree: Tree) -> bool:
    match tree:
        case Scalar(value):
            return is_expression(value)
        case Seq(items):
            return any(has_expression(item) for item in items)
        case Map(entries):
            return any(has_expression(entry.value) for entry in entries.values())


def check_attributes(op: type[Op], tree: Map, what: str) -> None:
    """Check attribute names, and each value that is no expression. Raises SpecError.

    What is missing, and what attributes must be together, waits until all are there with their
    values: some may come from defaults.
    """
    known = attribute_names(op)
    for key, entry in tree.entries.items():
        if key not in known:
            raise fail(
                "unknown-attribute",
                f"{what} has no attribute '{key}'",
                entry.at,
                hint=attribute_hint(key, known) if known else f"{what} has no attributes",
            )
    later = {key for key, value in tree.items() if has_expression(value)}
    values = {key: plain(value) for key, value in tree.items() if key not in later}
    diagnostics = mistakes(op, whole_floats(values), tree, what=what)
    if any(d.code != "missing-key" for d in diagnostics):
        raise SpecError([d for d in diagnostics if d.code != "missing-key"])


def attribute_names(op: type[Op]) -> list[str]:
    return [info.alias or name for name, info in op.model_fields.items()]


def whole_floats(value: Any) -> Any:
    """Floats with a whole value as integers: 2.0 may stand for 2.

    The reverse needs nothing: pydantic takes an integer for a float.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {k: whole_floats(v) for k, v in value.items()}
    return [whole_floats(v) for v in value] if isinstance(value, list) else value
