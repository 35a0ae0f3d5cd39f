"""What a spec cannot say of a layer, and of a model."""

from typing import Any

from archcompile.errors import ArchError

LISTED = 20  # layers that a message names
Rest = dict[str, Any]  # the settings that have not been accounted for yet


class Foreign(Exception):
    """Why a layer cannot be written in a spec; becomes a line of `Inexpressible`."""


class Inexpressible(ArchError):
    """Layers that a spec cannot say: `layers` pairs each layer's name with the reason."""

    exit_code = 2
    code = "inexpressible"

    def __init__(self, layers: list[tuple[str, str]], *, hint: str | None = None):
        lines = [f"`{name}`: {reason}" for name, reason in layers[:LISTED]]
        more = [f"… and {len(layers) - LISTED} more"] if len(layers) > LISTED else []
        super().__init__(
            "\n  ".join(
                [f"a spec cannot express {len(layers)} of the model's layers:", *lines, *more]
            ),
            hint=hint,
        )
        self.layers = tuple(layers)
