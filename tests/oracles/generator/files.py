"""A spec as a file and what it extends."""

import json
from dataclasses import dataclass, field
from typing import Any

import yaml

from .draw import Draw

NOT_INHERITED = ("archc", "name", "about", "expect")


Spec = dict[str, Any]


class Dumper(yaml.SafeDumper):
    """Writes no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(value: Any, draw: Draw) -> str:
    """A file, in lines or in braces."""
    if draw.chance(0.3):
        return json.dumps(value, indent=1)
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, width=1000)


@dataclass(kw_only=True)
class Files:
    """A file that extends another: what the child says over the parent is the spec."""

    parent: Spec
    child: Spec
    sets: list[str] = field(default_factory=list)
    libraries: dict[str, Spec] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def touch(self, *paths: str) -> bool:
        """Whether no other change has to do with these paths; they are taken from now on."""
        for path in paths:
            if any(overlap(path, another) for another in self.touched):
                return False
        self.touched.update(paths)
        return True


def overlap(first: str, second: str) -> bool:
    shorter, longer = sorted((first.split("."), second.split(".")), key=len)
    return longer[: len(shorter)] == shorter
