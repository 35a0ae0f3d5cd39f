"""The engines there are, by name."""

from importlib.util import find_spec
from typing import get_args

from archcompile.choices import EngineName
from archcompile.engine.contract import Engine
from archcompile.quiet import running_backend

ENGINES: tuple[EngineName, ...] = get_args(EngineName)


def open_engine(name: EngineName = "tensorflow") -> Engine:
    """The engine of this name; importing it starts no framework yet."""
    if name == "jax":
        from archcompile.engine import jax

        return jax
    from archcompile.engine import tensorflow

    return tensorflow


def open_for_scoring(trained_by: EngineName) -> Engine:
    """The engine that scores what `trained_by` has trained: any does, since the model is portable.

    The one that runs in this process, else the one that trained it, else one that is installed.
    """
    running = running_backend()
    choices = [name for name in ENGINES if name == running]
    choices += [name for name in (trained_by, *ENGINES) if find_spec(name) is not None]
    return open_engine(next(iter(choices), trained_by))
