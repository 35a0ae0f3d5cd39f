"""Every value in force: what each layer was given, and what it has by default."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from archcompile.graph import Node
from archcompile.ops import Op


@dataclass(frozen=True, slots=True)
class Settings:
    """The attributes of a layer, by their names in YAML: the `given` ones and the defaults."""

    given: dict[str, Any]
    default: dict[str, Any]


def settings(node: Node) -> Settings:
    """The attributes of a node in the order of its op's class."""
    values = node.op.settings()
    names = {name: info.alias or name for name, info in type(node.op).model_fields.items()}
    is_given = node.op.model_fields_set
    return Settings(
        {names[k]: _short(node.op, names[k], v) for k, v in values.items() if k in is_given},
        {names[k]: _short(node.op, names[k], v) for k, v in values.items() if k not in is_given},
    )


def _short(op: Op, name: str, value: Any) -> Any:
    """A pair or four sides of one number as that number, as specs write them; a list that is no
    such thing stays one.
    """
    first, *others = value if isinstance(value, list) else [value]
    if not others or any(element != first for element in others):
        return value
    try:
        short = type(op).model_validate({**op.model_dump(by_alias=True), name: first})
    except ValidationError:
        return value
    return first if short.settings() == op.settings() else value
