"""Names that a spec may give to points, from those that a model's layers have."""

import re
from collections.abc import Collection
from functools import cache

from archcompile.keras_config import LAYERS
from archcompile.ops import REGISTRY
from archcompile.spec.language import NAME
from archcompile.spec.loading import PLACE_KEYS, POINTS

# What blocks are called: by their shortcut, by their branches, by what they do to the map, and a
# conv with its norm.
RESIDUAL, BRANCHED, TRANSITION, PLAIN, CONV_BN = BLOCKS = (
    "residual",
    "branched",
    "transition",
    "plain",
    "conv_bn",
)


def point_name(layer: str, taken: Collection[str]) -> str | None:
    """A layer's name as that of a point.

    None where Keras has given it, or where no spec may.
    """
    name = re.sub(r"[^a-z0-9]+", "_", layer.split("/")[-1].lower()).strip("_")
    bare = name.rstrip("0123456789")
    automatic = bare.rstrip("_") in _automatic() or name in _automatic()
    reserved = (
        name in (*POINTS, *PLACE_KEYS)
        or bare in (*REGISTRY, "shortcut")
        or re.fullmatch(r"[bst]\d+|stem|head", name)
    )
    reserved = reserved or re.fullmatch(rf"({'|'.join(BLOCKS)})(_\d+)?", name)
    return None if automatic or reserved or name in taken or not re.fullmatch(NAME, name) else name


@cache
def _automatic() -> frozenset[str]:
    """What Keras calls layers that are given no name, `conv2d` as in `conv2d_7`."""
    words = (re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", layer) for layer in LAYERS)
    return frozenset(re.sub(r"([a-z])([A-Z])", r"\1_\2", word).lower() for word in words)
