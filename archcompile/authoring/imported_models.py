"""What `archc import` reads: a file of Keras, a network of keras.applications or of PyTorch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.errors import UsageError
from archcompile.importer import Inexpressible, with_input
from archcompile.keras_config import (
    NO_OP,
    Net,
    UnknownLayers,
    read_file,
    read_model,
    record_of,
)
from archcompile.torch_graph import is_torch_reference
from archcompile.verification import (
    APPLICATIONS,
    INITIAL,
    LEVEL,
    MODEL_FILES,
    ProofSide,
    application,
    file_identity,
    of_net,
    torch_network,
    with_witness,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """A model as plain data, and what a certificate says of it.

    `level` is the one at which it is compared; `set_aside` is what is left out of it in any case;
    `side` makes a side of a proof of its net.
    """

    net: Net
    identity: Mapping[str, Any]
    level: str
    set_aside: tuple[str, ...] = ()
    side: Callable[[str, Mapping[str, Any], Net], ProofSide] = of_net


def read_source(model: str, shape: tuple[int, int, int] | None, level: str) -> ReadModel:
    """The model as plain data; `shape` is the image's size (H, W, C), `level` what was asked for.

    Raises UsageError, UnreadableModel, Untranslatable and Inexpressible.
    """
    if is_torch_reference(model):
        return _read_torch(model, shape)
    try:
        net, identity = _read_keras(model, shape)
    except UnknownLayers as error:
        reasons = {
            what: what if what.endswith(NO_OP) else f"{what} is not a stock layer"
            for what in sorted(error.layers)
        }
        foreign = [(name, words) for what, words in reasons.items() for name in error.layers[what]]
        raise Inexpressible(foreign, hint=error.hint) from error
    return ReadModel(net=net, identity=identity, level=level)


def _read_torch(model: str, shape: tuple[int, int, int] | None) -> ReadModel:
    network = torch_network(model, shape)

    def side(label: str, identity: Mapping[str, Any], net: Net) -> ProofSide:
        return with_witness(network, of_net(label, identity, net))

    return ReadModel(
        net=network.translated.net,
        identity=network.identity,
        level=LEVEL,
        set_aside=(f"set aside: {INITIAL}; the spec has Keras' own",),
        side=side,
    )


def _read_keras(model: str, shape: tuple[int, int, int] | None) -> tuple[Net, dict[str, Any]]:
    if model.startswith(APPLICATIONS):
        loaded = application(model, shape)
        net = read_model(record_of(loaded), takes_augmentation=True)
        return net, {"application": model.removeprefix(APPLICATIONS)}
    if not model.endswith(MODEL_FILES):
        raise UsageError(
            f"'{model}' is neither a `.keras` or `.h5` file nor {APPLICATIONS}NAME, "
            "torchvision:NAME or timm:NAME",
            hint="other formats: load the model in Keras and save it as a `.keras` file",
        )
    net = read_file(Path(model), takes_augmentation=True)
    return with_input(net, shape) if shape else net, file_identity(Path(model))
