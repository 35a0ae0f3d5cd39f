"""Initialisers whose numbers come from the host, so that every engine begins with equal weights."""

from typing import Any

from archcompile.engine.random_numbers import draw_initial

SUFFIX = "_initializer"  # what the name of a layer's attribute with an initialiser ends with


def draw_on_host(layer: Any, seed: int) -> Any:
    """The layer, not yet built, with all initial weights drawn by NumPy; returns it."""
    for attribute, initializer in list(vars(layer).items()):
        if attribute.endswith(SUFFIX) and initializer is not None:
            name = f"{layer.name}/{attribute.removesuffix(SUFFIX)}"
            setattr(layer, attribute, _on_host(seed, name, initializer))
    return layer


def _on_host(seed: int, name: str, initializer: Any) -> Any:
    """A function of a shape, which Keras takes for an initialiser."""

    def initialise(shape: tuple[int, ...], dtype: Any = None) -> Any:
        return draw_initial(seed, name, initializer, shape=tuple(shape))

    return initialise
