"""The statistics that `Normalization.adapt` computed, read from a file's weights.

Training cannot recover them, as it does all other weights. Only the few numbers of these layers
are read.
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from archcompile.errors import visible
from archcompile.keras_config.archive import is_hdf5, read_archive
from archcompile.keras_config.net import Layer, Net, UnreadableModel, UnsupportedModel
from archcompile.keras_config.normal import normalise
from archcompile.keras_config.read import read_model
from archcompile.limits import MAX_MODEL_DEPTH, MAX_NODES, MAX_STATISTIC_VALUES

WEIGHTS = "model.weights.h5"
SAVE_AGAIN = "load it in Keras 3 and save it as a `.keras` file with model.save"
Numbers = float | list["Numbers"]
# mean and variance, each in the shape of the axes that it is kept for
Statistics = tuple[Numbers, Numbers]


def read_file(path: Path, *, takes_augmentation: bool = False) -> Net:
    """The net of a `.keras` file, with the statistics of its Normalization layers as settings.

    Raises as `read_archive` and `read_model` do, and UnsupportedModel where statistics cannot be
    told apart.
    """
    net = read_model(read_archive(path), takes_augmentation=takes_augmentation)
    layers = tuple(net.layers)
    if not any(map(_is_open, layers)):
        return net
    if is_hdf5(path):
        raise UnsupportedModel(
            f"the statistics of a Normalization layer cannot be read from {path}", hint=SAVE_AGAIN
        )
    statistics = _statistics(path)
    adapted = (_adapt(layer, statistics) if _is_open(layer) else layer for layer in layers)
    return replace(net, layers=tuple(adapted))


def _is_open(layer: Layer) -> bool:
    return layer.kind == "Normalization" and layer.settings.get("mean") is None


def _adapt(layer: Layer, statistics: Mapping[tuple[str, ...], Statistics]) -> Layer:
    if layer.path not in statistics:
        raise UnsupportedModel(
            f"the statistics of `{visible(layer.name)}` cannot be found among the weights of the "
            "file",
            hint="give the layer `mean` and `variance` when you create it",
        )
    mean, variance = statistics[layer.path]
    if set(_flat(mean)) <= {0.0} and set(_flat(variance)) <= {1.0}:
        return layer  # never adapted: as it is built
    config = {**layer.config, "mean": mean, "variance": variance}
    return replace(layer, config=config, settings=normalise(layer.class_name, config)[1])


def _statistics(path: Path) -> dict[tuple[str, ...], Statistics]:
    """Mean and variance by the path of the layer.

    Raises UnreadableModel, UnsupportedModel where they cannot be determined.
    """
    import h5py

    try:
        with zipfile.ZipFile(path) as archive:
            if WEIGHTS not in archive.namelist():
                raise UnsupportedModel(
                    f"{path} holds no {WEIGHTS}, which should hold the statistics of Normalization",
                    hint=SAVE_AGAIN,
                )
            # As Keras writes it; nothing is inflated.
            if archive.getinfo(WEIGHTS).compress_type != zipfile.ZIP_STORED:
                raise UnsupportedModel(
                    f"{WEIGHTS} in {path} is compressed, which Keras does not do", hint=SAVE_AGAIN
                )
            with archive.open(WEIGHTS) as member, h5py.File(member, "r") as file:
                return dict(_walk(file))
    except UnsupportedModel:
        raise
    except Exception as error:  # h5py raises whatever the file's bytes lead it to
        raise UnreadableModel(f"{WEIGHTS} in {path} is damaged: {error}") from error


def _walk(file: Any) -> Iterator[tuple[tuple[str, ...], Statistics]]:
    """All statistics.

    The layers of a model lie in its `layers`, each with its name beside its variables.
    """
    models: list[tuple[Any, tuple[str, ...]]] = [(file, ())]
    seen = 0
    while models:
        model, path = models.pop()
        layers = _part(model, "layers") if "layers" in model else {}
        for key in layers:
            seen += 1
            if seen > MAX_NODES or len(path) > MAX_MODEL_DEPTH:
                raise ValueError("they belong to more layers than a model may have")
            layer = _part(layers, key)
            variables = _part(layer, "vars") if "vars" in layer else None
            name = "" if variables is None else str(variables.attrs.get("name", ""))
            layer_path = (*path, name)
            if "layers" in layer:
                models.append((layer, layer_path))
            elif key.startswith("normalization") and variables is not None and len(variables) == 3:
                yield layer_path, (_numbers(_part(variables, "0")), _numbers(_part(variables, "1")))


def _part(group: Any, key: str) -> Any:
    """What lies in a group itself: a link may lead to another file."""
    import h5py

    if not isinstance(group.get(key, getlink=True), h5py.HardLink):
        raise ValueError("they hold a link")
    return group[key]


def _numbers(dataset: Any) -> Numbers:
    """As short as the stored precision allows.

    Raises ValueError for anything but a short list that is stored as it is.
    """
    if (
        dataset.size > MAX_STATISTIC_VALUES
        or dataset.dtype.kind != "f"
        or dataset.chunks
        or dataset.external
    ):
        raise ValueError("a statistic is not a short list of numbers")
    return _short(dataset[()])


def _short(value: Any) -> Numbers:
    return [_short(inner) for inner in value] if value.ndim else float(str(value))


def _flat(numbers: Numbers) -> list[float]:
    return (
        [each for inner in numbers for each in _flat(inner)]
        if isinstance(numbers, list)
        else [numbers]
    )
