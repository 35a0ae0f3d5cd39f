"""Layers that a model keeps from training: frozen ones, and those called with `training=False`.

No spec says either.
"""

from dataclasses import replace
from typing import Any

from archcompile.keras_config.net import Call, Layer, Net


def frozen_words(net: Net) -> str:
    """What of a net is kept from training, in words; empty where nothing is."""
    layers = sum(_is_frozen(layer) for layer in net.layers)
    calls = sum(call.kwargs.get("training") is False for call in net.calls)
    words = []
    if layers:
        subject = "layer is" if layers == 1 else "layers are"
        words.append(f"{layers} {subject} frozen (trainable=False)")
    if calls:
        subject = "call has" if calls == 1 else "calls have"
        words.append(f"{calls} {subject} training=False")
    return " and ".join(words)


def thaw_net(net: Net) -> Net:
    """The net with every layer trained and called as any other."""
    return replace(net, layers=tuple(map(_thaw, net.layers)), calls=tuple(map(_unfix, net.calls)))


def _is_frozen(layer: Layer) -> bool:
    return layer.settings.get("trainable", True) is False


def _thaw(layer: Layer) -> Layer:
    if not _is_frozen(layer):
        return layer
    on: dict[str, Any] = {"trainable": True}
    return replace(layer, settings={**layer.settings, **on}, config={**layer.config, **on})


def _unfix(call: Call) -> Call:
    if call.kwargs.get("training") is not False:
        return call
    return replace(
        call, kwargs={key: value for key, value in call.kwargs.items() if key != "training"}
    )
