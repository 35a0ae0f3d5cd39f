"""The records that Keras 3 writes of a model, and what they must hold before they are read."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from archcompile.errors import visible
from archcompile.keras_config.net import UnreadableModel


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)

    @classmethod
    def of(cls, value: object, where: str) -> Self:
        """The record; `where` says whose it is.

        Raises UnreadableModel naming the first entry that is missing or wrong.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            entry = ".".join(map(str, first["loc"]))
            expected = first["msg"].partition(" or instance of ")[0]
            raise damaged_error(
                f"{where} is not as Keras 3 writes it: {f'`{entry}`: ' if entry else ''}{expected}"
            ) from error


class PartRecord(_Record):
    """A layer, or a model within a model."""

    module: StrictStr | None  # null for a class of somebody's own script
    class_name: StrictStr
    config: dict[str, Any]
    name: StrictStr | None = None


class NodeRecord(_Record):
    """One call of a layer."""

    args: list[Any]
    kwargs: dict[str, Any]


class CalledRecord(PartRecord):
    """A layer of a Functional model."""

    name: StrictStr
    inbound_nodes: list[NodeRecord]


class TensorRecord(_Record):
    """A tensor among the arguments of a call.

    Its history is the layer that computes it, the number of the call, the number of the output.
    """

    keras_history: tuple[StrictStr, StrictInt, StrictInt]


def damaged_error(message: str) -> UnreadableModel:
    return UnreadableModel(
        visible(message), hint="the description may be damaged: save the model again with Keras 3"
    )
