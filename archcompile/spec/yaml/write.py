"""Writes trees back as YAML that the loader reads to the same values: short maps on one line."""

import json
import re
from functools import lru_cache
from typing import Any

from archcompile.spec.yaml.strict_yaml import parse
from archcompile.spec.yaml.tree import plain

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_$(./][A-Za-z0-9_ $()*/+.=<>-]*\Z")


def dump(values: dict[str, Any]) -> str:
    """A map as a YAML file."""
    return "".join(
        f"{scalar(key)}:{_behind_colon(value, 0, len(key) + 2)}\n" for key, value in values.items()
    )


def _behind_colon(value: Any, indent: int, used: int) -> str:
    """What follows a colon: one line where it fits, else a block."""
    line = flow(value)
    if (
        not isinstance(value, dict | list)
        or not value
        or (used + indent + len(line) <= WIDTH and not _needs_lines(value, indent))
    ):
        return " " + line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        return "".join(
            f"\n{pad}{scalar(k)}:{_behind_colon(v, indent + 2, len(str(k)) + 2)}"
            for k, v in value.items()
        )
    return "".join(f"\n{pad}- {_item(item, indent + 2)}" for item in value)


def _needs_lines(value: Any, indent: int) -> bool:
    """Whether each item reads better on a line of its own.

    That is so for lists of steps, for what holds one, and for maps of maps at the top.
    """
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    if indent == 0 and len(value) > 1 and all(isinstance(item, dict) for item in value.values()):
        return True
    return any(
        isinstance(item, dict | list) and _needs_lines(item, indent + 2) for item in value.values()
    )


def _item(value: Any, indent: int) -> str:
    line = flow(value)
    if not isinstance(value, dict) or len(value) != 1:
        return line
    if indent + len(line) <= WIDTH:
        return line[1:-1]
    ((key, inner),) = value.items()
    return f"{scalar(key)}:{_behind_colon(inner, indent + 2, WIDTH)}"


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """One value as YAML, quoted where it has to be."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return _text(str(value))


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    """Text as it stands where our own loader reads it so, else double-quoted."""
    if _PLAIN.match(value) and not value.endswith(" ") and plain(parse(value, "")) == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)  # a JSON string is a YAML double-quoted string
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
