"""Every value in force: what each layer was given, and what it has by default."""

from dataclasses import dataclass
from typing import Any

from archcompile.graph import Node


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
        {names[k]: _short(v) for k, v in values.items() if k in is_given},
        {names[k]: _short(v) for k, v in values.items() if k not in is_given},
    )


def _short(value: Any) -> Any:
    """A pair or four sides of one number as that number, as specs write them."""
    is_repeated = (
        isinstance(value, list) and len(value) in (2, 4) and len(set(map(str, value))) == 1
    )
    return value[0] if is_repeated else value
