"""Identifiers for the emitted source."""

import keyword
import re
from collections.abc import Iterable

RESERVED = {
    *keyword.kwlist,
    "keras",
    "layers",
    "sys",
    "model",
    "range",
    "enumerate",
    "int",
    "map",
    "max",
    "tuple",
    "inputs",
    "name",
}


class Names:
    """Gives out each identifier once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}

    def new(self, preferred: str) -> str:
        """An identifier like `preferred` that nothing else has."""
        name = re.sub(r"\W", "_", preferred, flags=re.ASCII)
        name = name if name[:1].isalpha() or name[:1] == "_" else f"net_{name}"
        free = f"{name}_" if name in RESERVED else name
        number = 1
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free
