"""What a spec does not say of a model, and what a model may have all the same.

Augmentation does nothing when images are classified: a recipe augments. Seeds change the draws of
dropout, never what a network is. Initial values say where a training starts; they are set aside on
request alone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from archcompile.keras_config.net import Call, Layer, Net, Ref, Settings, with_inputs
from archcompile.keras_config.stock import AUGMENTATIONS

INITIALISER = "_initializer"
IsSaid = Callable[[Layer, Settings], bool]  # whether a layer with these settings can be said


def without_augmentation(net: Net) -> tuple[Net, tuple[str, ...]]:
    """The net without its layers of augmentation, and their names in order.

    Raises nothing: such a layer takes one tensor and, without training, returns it.
    """
    aside = {number for number, layer in enumerate(net.layers) if layer.kind in AUGMENTATIONS}
    if not aside:
        return net, ()
    kept, calls = _bypass(net, aside)
    names = tuple(net.layers[number].name for number in sorted(aside))
    outputs = tuple(Ref(kept[ref.call].call, ref.output) for ref in net.outputs)
    return _with_layers(replace(net, calls=calls, outputs=outputs), aside), names


def _bypass(net: Net, aside: Collection[int]) -> tuple[list[Ref], tuple[Call, ...]]:
    """Where the output of each call is now, and the calls that are left."""
    moved: list[Ref] = []
    calls: list[Call] = []
    for call in net.calls:
        inputs = tuple(Ref(moved[ref.call].call, ref.output) for ref in call.inputs)
        if call.layer in aside:
            moved.append(inputs[0])
            continue
        moved.append(Ref(len(calls), 0))
        calls.append(with_inputs(call, inputs))
    return moved, tuple(calls)


def _with_layers(net: Net, aside: Collection[int]) -> Net:
    """The net without the layers that are set aside, its calls by the new numbers."""
    kept = [number for number in range(len(net.layers)) if number not in aside]
    place = {number: index for index, number in enumerate(kept)}
    calls = tuple(replace(call, layer=place[call.layer]) for call in net.calls)
    return replace(net, layers=tuple(net.layers[number] for number in kept), calls=calls)


def without_seeds(net: Net) -> tuple[Net, tuple[str, ...]]:
    """The net whose layers have no seeds of their own, and the names of those that had one."""
    layers = tuple(map(_without_seeds, net.layers))
    pairs = zip(net.layers, layers, strict=True)
    names = tuple(layer.name for layer, changed in pairs if changed is not layer)
    return replace(net, layers=layers), names


def without_foreign_initialisers(
    net: Net, defaults: Mapping[str, Any], is_said: IsSaid
) -> tuple[Net, tuple[str, ...]]:
    """The net with Keras' own initialisers where a layer has some that cannot be said.

    Also the names of these layers. `defaults` are what Keras takes for settings left out.
    """
    layers, changed = [], []
    for layer in net.layers:
        plain = {key: value for key, value in layer.settings.items() if INITIALISER not in key}
        keys = [key for key in layer.settings if key.endswith(INITIALISER) and key in defaults]
        initial = {key: defaults[key] for key in keys}
        if initial and not is_said(layer, layer.settings) and is_said(layer, plain | initial):
            changed.append(layer.name)
            config = {k: v for k, v in layer.config.items() if not k.endswith(INITIALISER)}
            layer = replace(layer, settings=plain | initial, config=config)  # noqa: PLW2901
        layers.append(layer)
    return replace(net, layers=tuple(layers)), tuple(changed)


def without_initialisers(net: Net) -> Net:
    """The net whose layers say nothing of their initial values in their settings."""
    return replace(net, layers=tuple(map(_without_initialisers, net.layers)))


def _without_initialisers(layer: Layer) -> Layer:
    kept = {key: value for key, value in layer.settings.items() if INITIALISER not in key}
    return replace(layer, settings=kept)


def _without_seeds(layer: Layer) -> Layer:
    """The layer without its own seed and those of its initialisers; itself where it has none."""
    keys = [key for key in layer.settings if key == "seed" or key.endswith(f"{INITIALISER}.seed")]
    seeded = [key for key in keys if layer.settings[key] is not None]
    if not seeded:
        return layer
    config, settings = dict(layer.config), dict(layer.settings)
    for key in seeded:
        owner, _, inner = key.rpartition(".")
        if owner:
            config[owner] = {**config[owner], "config": {**config[owner]["config"], inner: None}}
            del settings[key]  # as `normalise` leaves out what an initialiser is not given
        else:
            config[key] = settings[key] = None
    return replace(layer, settings=settings, config=config)
