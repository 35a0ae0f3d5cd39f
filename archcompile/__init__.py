"""archcompile: a declarative architecture-spec compiler for convolutional networks.

There is a function for every command: `compile` makes a graph of a spec, `train` trains it, `runs`
lists what was trained. They stand in `__init__.pyi`, and each is loaded when it is first used, so
that `archc --help` waits for none. `%load_ext archcompile` gives notebooks `%%archc`.
CONTRIBUTING.md lists the rooms and their order.
"""

import sys
from typing import Any

import lazy_loader

__version__ = "0.1.0"
_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Loads what is offered. Raises AttributeError as Python words it, with what is like it."""
    if name not in __all__:
        module = sys.modules[__name__]
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message, name=name, obj=module)
    return _load(name)


def load_ipython_extension(ipython: Any) -> None:
    """What `%load_ext archcompile` calls."""
    from archcompile.interface import register

    register(ipython)
