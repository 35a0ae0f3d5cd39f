"""The engines there are, by name."""

from typing import get_args

from archcompile.choices import EngineName
from archcompile.engine.contract import Engine
from archcompile.quiet import running_backend, start_first

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

    The one that runs in this process, else the one that trained it, else one that starts here.
    Raises MissingError where none does.
    """
    running = running_backend()
    choices = [name for name in ENGINES if name == running]
    # the model is built on it next, so it starts here
    return open_engine(start_first(choices or (trained_by, *ENGINES)))
