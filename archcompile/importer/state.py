"""What a model has that no training gives back: the statistics that `Normalization.adapt` found, from the file's weights.

All weights else are those that a training makes anew. Only the few numbers of these layers are read.
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from archcompile.errors import visible
from archcompile.importer.archive import read_archive
from archcompile.importer.net import Layer, Net, UnreadableModel, UnsupportedModel
from archcompile.importer.normal import normalised
from archcompile.importer.read import MAX_NESTING, read_model
from archcompile.limits import MAX_NODES

WEIGHTS = "model.weights.h5"
MAX_LENGTH = 100_000  # values of a statistic: one a channel
Statistics = tuple[list[float], list[float]]  # mean and variance


def read_file(path: Path) -> Net:
    """The net of a `.keras` file, with the statistics of its Normalization layers as settings.

    Raises as `read_archive` and `read_model` do, and UnsupportedModel where statistics cannot be told apart.
    """
    net = read_model(read_archive(path))
    layers = tuple(net.layers)
    if not any(map(_is_open, layers)):
        return net
    held = _statistics(path)
    if held is None:  # the file holds no weights
        return net
    return replace(net, layers=tuple(_adapted(layer, held) if _is_open(layer) else layer for layer in layers))


def _is_open(layer: Layer) -> bool:
    return layer.kind == "Normalization" and layer.settings.get("mean") is None


def _adapted(layer: Layer, held: Mapping[tuple[str, ...], Statistics]) -> Layer:
    if layer.path not in held:
        raise UnsupportedModel(f"the statistics of `{visible(layer.name)}` cannot be told among the weights of the file",
                               hint="give the layer `mean` and `variance` when it is made")  # fmt: skip
    mean, variance = held[layer.path]
    if set(mean) <= {0.0} and set(variance) <= {1.0}:
        return layer  # never adapted: as it is built
    config = {**layer.config, "mean": mean, "variance": variance}
    return replace(layer, config=config, settings=normalised(layer.class_name, config)[1])


def _statistics(path: Path) -> dict[tuple[str, ...], Statistics] | None:
    """Mean and variance by the path of the layer; None where the file has no weights. Raises UnreadableModel."""
    import h5py

    try:
        with zipfile.ZipFile(path) as archive:
            if WEIGHTS not in archive.namelist():
                return None
            if archive.getinfo(WEIGHTS).compress_type != zipfile.ZIP_STORED:  # as Keras writes it; nothing is inflated
                raise ValueError("the weights are compressed")
            with archive.open(WEIGHTS) as member, h5py.File(member, "r") as file:
                return dict(_walk(file))
    except Exception as error:  # h5py raises whatever the file's bytes lead it to
        raise UnreadableModel(f"{WEIGHTS} in {path} is damaged: {error}") from error


def _walk(file: Any) -> Iterator[tuple[tuple[str, ...], Statistics]]:
    """All statistics: the layers of a model lie in its `layers`, each with its name beside its variables."""
    models: list[tuple[Any, tuple[str, ...]]] = [(file, ())]
    seen = 0
    while models:
        model, path = models.pop()
        layers = _part(model, "layers") if "layers" in model else {}
        for key in layers:
            seen += 1
            if seen > MAX_NODES or len(path) > MAX_NESTING:
                raise ValueError("they are of more layers than a model may have")
            layer = _part(layers, key)
            held = _part(layer, "vars") if "vars" in layer else None
            here = (*path, "" if held is None else str(held.attrs.get("name", "")))
            if "layers" in layer:
                models.append((layer, here))
            elif key.startswith("normalization") and held is not None and len(held) == 3:
                yield here, (_numbers(_part(held, "0")), _numbers(_part(held, "1")))


def _part(group: Any, key: str) -> Any:
    """What lies in a group itself: a link may lead to another file."""
    import h5py

    if not isinstance(group.get(key, getlink=True), h5py.HardLink):
        raise ValueError("they hold a link")
    return group[key]


def _numbers(dataset: Any) -> list[float]:
    """As short as the stored precision allows. Raises ValueError for anything but a short list that lies here as it is."""
    if dataset.size > MAX_LENGTH or dataset.dtype.kind != "f" or dataset.chunks or dataset.external:
        raise ValueError("a statistic is no short list of numbers")
    return [float(str(value)) for value in dataset[()].reshape(-1)]
