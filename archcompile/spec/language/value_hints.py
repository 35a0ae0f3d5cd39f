"""What was probably meant by a value that cannot stand where it stands."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from archcompile.errors import did_you_mean
from archcompile.spec.expressions import missing_dollar
from archcompile.spec.language.hints import activation_hint, init_hint

_YES_NO = {"yes", "no", "on", "off", "y", "n"}
# how the values of a list of an op are ordered, by their number
_ORDERS = {
    2: "they are [height, width]; one number stands for both",
    4: "they are [top, bottom, left, right]; one number stands for all four",
}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def value_hint(model: type[BaseModel], path: Sequence[str], value: object) -> str | None:
    """How a value that an op of another tool takes is written here, by the op and its attribute."""
    setting = getattr(model, "kind", None), *path[:1]
    if setting == ("max_pool", "padding") and _is_border(value):
        return (
            f"write `pad: {{size: {_sides(value)}}}` before it: torch pads with minus infinity, "
            "and zeros are the same where no value is negative, as behind a `relu`"
        )
    if setting == ("avg_pool", "padding") and _is_border(value):
        return (
            f"write `pad: {{size: {_sides(value)}}}` before it: its zeros count in the mean, as "
            "torch counts them"
        )
    if setting == ("reshape", "shape") and value == -1:
        return (
            "every size is written; `flatten` makes a vector of all values, `tokens` a row of "
            "each pixel"
        )
    return None


def _is_border(value: object) -> bool:
    """Whether a padding stands for zeros on the sides of a map."""
    sides = value if isinstance(value, list | tuple) else (value,)
    return value == "symmetric" or all(type(side) is int and side >= 0 for side in sides)


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _sides(value: object) -> str:
    """The zeros as `pad` takes them; a pair elsewhere is that of the height, then the width."""
    if isinstance(value, list | tuple) and len(value) == 2:
        value = [value[0], value[0], value[1], value[1]]
    return "1" if value == "symmetric" else str(value)


def length_hint(
    model: type[BaseModel], path: Sequence[str], value: object, *, count: int | None
) -> str | None:
    """What the values of a list are, where there are too few or too many of them.

    `LENGTHS` of a model says it by name; those of an op are the sides of a map.
    """
    lengths: Mapping[object, str] = getattr(model, "LENGTHS", {})
    if path and path[-1] in lengths:
        return lengths[path[-1]]
    if not hasattr(model, "kind"):
        return None
    if count == 4 and _is_border(value) and _is_pair(value):
        return f"write `{_sides(value)}`: they are [top, bottom, left, right]"
    return _ORDERS.get(count or 0)


def choice_hint(value: object, options: list[str]) -> str:
    """For a value that is none of `options`."""
    if "relu" in options and isinstance(value, str):
        return activation_hint(value, options)
    if "he_normal" in options and isinstance(value, str):
        return init_hint(value, options)
    return did_you_mean(value, options, "it is one of")


def type_hint(kind: str, value: Any) -> str | None:
    """For a value of the wrong type; `kind` is pydantic's name of the mistake."""
    if value is None and kind in ("dict_type", "model_type", "list_type"):
        return "indent what belongs to this key further than the key itself"
    if not isinstance(value, str):
        return None
    if kind == "bool_type" and value.lower() in _YES_NO:
        return "write `true` or `false`: in YAML 1.2 yes, no, on and off are text"
    if kind in ("int_type", "float_type") and re.fullmatch(r"[-+]?\d+,\d+", value):
        return "use a dot as the decimal mark"
    return number_hint(value) if kind in ("int_type", "float_type", "number_or_list") else None


def number_hint(value: object) -> str | None:
    """How to mend a text that stands for a number."""
    if not isinstance(value, str):
        return None
    if re.fullmatch(r"\d+(_\d+)+", value):
        return f"write {value.replace('_', '')}: YAML 1.2 has no `_` in numbers"
    return "remove the quotes" if _NUMBER.fullmatch(value) else missing_dollar(value)
