"""Keras' description of a model -> Net.

Works on the JSON alone: no framework, no code run, no recursion over layers. First the layers are
read (`parts`), then they are called (`inline`).
"""

from collections.abc import Mapping
from typing import Any

from archcompile.keras_config.inline import Inliner
from archcompile.keras_config.keras_2 import is_of_keras_2, modernise
from archcompile.keras_config.model_records import damaged_error
from archcompile.keras_config.net import Net, Ref, UnknownLayers
from archcompile.keras_config.parts import PartReader, Record
from archcompile.keras_config.scale_layers import split_scaled_sums


def read_model(record: Record, *, takes_augmentation: bool = False) -> Net:
    """The net that a record `{class_name, config, …}` describes.

    With `takes_augmentation`, layers of augmentation are among its layers, without settings.

    Raises UnknownLayers listing every layer that is not stock Keras, UnsupportedModel for what
    describes no Functional or Sequential model, or one of more than 20,000 calls,
    UnreadableModel for what is damaged.
    """
    reader = PartReader(takes_augmentation)
    inliner = Inliner(reader.layers)
    try:
        model = reader.model(modernise(record) if is_of_keras_2(record) else record, ())
        _check_unknown(reader.unknown)
        outputs = inliner.outputs(model)
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise damaged_error(
            f"the model's config is not as Keras writes it ({type(error).__name__}: {error})"
        ) from error
    config = record["config"]
    net = Net(
        name=str(config.get("name")),
        layers=tuple(reader.layers),
        calls=tuple(inliner.calls),
        outputs=outputs,
        keys=_keys(config.get("output_layers"), outputs),
    )
    return split_scaled_sums(net)


def _check_unknown(unknown: Mapping[str, list[str]]) -> None:
    if unknown:
        lines = [
            f"{text}: {len(names)}, the first is `{names[0]}`"
            for text, names in sorted(unknown.items())
        ]
        raise UnknownLayers(
            "\n  ".join(["the model holds layers that cannot be read:", *lines]),
            hint=_hint(unknown),
            layers=unknown,
        )


def _hint(unknown: Mapping[str, list[str]]) -> str:
    """The way out: a model of keras-hub is a class of its own around a Functional model."""
    if any(text.startswith("keras_hub.") for text in unknown):
        return (
            "a keras-hub backbone is read if it is saved as a plain model: "
            "`b = task.backbone; keras.Model(b.input, b.output).save('backbone.keras')`"
        )
    return "no code of a file is ever run: only stock layers that archc knows are read"


def _keys(ends: Any, outputs: tuple[Ref, ...]) -> tuple[str, ...]:
    """The keys of the outputs, where the model returns a map of as many."""
    if isinstance(ends, Mapping) and len(ends) == len(outputs):
        return tuple(map(str, sorted(ends)))
    return ()
