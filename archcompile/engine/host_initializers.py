"""Initialisers whose numbers come from the host, so that every engine begins with equal weights."""

from collections.abc import Mapping
from typing import Any

from archcompile.engine.random_numbers import draw_initial

SUFFIX = "_initializer"  # what the name of a layer's attribute with an initialiser ends with


def draw_on_host(layer: Any, seed: int) -> Any:
    """The layer, not yet built, with all initial weights drawn by NumPy; returns it."""
    for attribute, initializer in list(vars(layer).items()):
        if attribute.endswith(SUFFIX) and initializer is not None:
            name = f"{layer.name}/{attribute.removeprefix('_').removesuffix(SUFFIX)}"
            setattr(layer, attribute, OnHost(seed, name, initializer))
    return layer


class OnHost:
    """What Keras takes for an initialiser.

    A layer that holds layers makes one for each of them out of its own: these are numbered, so that
    equal shapes do not begin with equal numbers.
    """

    def __init__(self, seed: int, name: str, initializer: Any) -> None:
        self.seed, self.name, self.initializer = seed, name, initializer
        self.copies = 0

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        return draw_initial(self.seed, self.name, self.initializer, shape=tuple(shape))

    def get_config(self) -> dict[str, Any]:
        return {"original": self}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "OnHost":
        original = config["original"]
        original.copies += 1
        name = f"{original.name}/{original.copies}"
        return cls(original.seed, name, original.initializer)
