"""`keras_defaults` against the installed Keras: signatures of layers and optimizers, configs."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from archcompile.keras_config.normal import normalise
from archcompile.keras_defaults import (
    CLASS_DEFAULTS,
    CONFIG_DEFAULTS,
    DEFAULTS,
    EPSILON,
    LEAKY_SLOPE,
    OPTIMIZERS,
    POSITIONAL,
    has_default,
)
from archcompile.keras_model import realise
from archcompile.ops import REGISTRY, Call
from archcompile.quiet import load_keras
from tests.ops.rows import ROWS

pytestmark = pytest.mark.keras
Parameters = Mapping[str, inspect.Parameter]


@cache
def calls() -> dict[str, Call]:
    """A call of each class that ops call, by its path."""
    ops = [
        (REGISTRY[kind](**row.attributes).lower()[-1], row.inputs)
        for kind, (rows, _) in ROWS.items()
        for row in rows
    ]
    pieces = [piece for op, inputs in ops for piece in op.pieces(*inputs)]
    return {
        piece.call.path: piece.call for piece in pieces if piece.call.path.startswith("layers.")
    }


def parameters(path: str) -> Parameters:
    target: Any = load_keras()
    for part in path.split("."):
        target = getattr(target, part)
    return {
        name: parameter
        for name, parameter in inspect.signature(target).parameters.items()
        if name != "self"
    }


def test_settings_that_are_left_out() -> None:
    seen = set()
    for path in calls():
        for key, parameter in parameters(path).items():
            if has_default(path, key) and parameter.default is not inspect.Parameter.empty:
                seen.add(key)
                expected = DEFAULTS[key]
                assert parameter.default in (expected, (expected, expected)), (path, key)
    assert seen == DEFAULTS.keys()


def test_settings_of_single_classes() -> None:
    for path, defaults in CLASS_DEFAULTS.items():
        actual = {key: parameters(path)[key].default for key in defaults}
        assert actual == defaults, path


def test_settings_in_configs() -> None:
    """What an older Keras wrote cannot be seen in a newer one."""
    seen = set()
    for path, call in calls().items():
        layer = realise(call, load_keras())
        kind, config = normalise(type(layer).__name__, layer.get_config())
        if kind == "Activation":  # whose function is its own setting, whatever layer says it
            continue
        for key in CONFIG_DEFAULTS.keys() & config.keys() - call.kwargs.keys():
            seen.add(key)
            assert config[key] == CONFIG_DEFAULTS[key], (path, key)
    assert CONFIG_DEFAULTS.keys() - seen <= {"rms_scaling"}


def test_settings_by_position() -> None:
    assert POSITIONAL.keys() <= {*calls(), "Input"}
    for path, keys in POSITIONAL.items():
        assert tuple(parameters(path))[: len(keys)] == keys, path


def test_settings_of_optimizers() -> None:
    for name, defaults in OPTIMIZERS.items():
        known = parameters(f"optimizers.{name}")
        assert {key: known[key].default for key in defaults} == defaults, name
    assert load_keras().config.epsilon() == EPSILON


def test_the_slope_of_the_function() -> None:
    assert parameters("activations.leaky_relu")["negative_slope"].default == LEAKY_SLOPE
