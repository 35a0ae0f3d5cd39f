"""archcompile: a declarative architecture-spec compiler for convolutional networks.

`compile` makes a graph of a spec, `train` trains it. Both are loaded when they are first used, so
that `archc --help` waits for neither. CONTRIBUTING.md lists the rooms and their order.
"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["LayerGraph", "__version__", "compile", "train"]


def __getattr__(name: str) -> Any:
    """The interface, imported on first use, so that `archc --help` pays for nothing."""
    if name in ("compile", "LayerGraph", "compile_text"):
        from archcompile import api

        return getattr(api, name)
    if name == "train":
        from archcompile.training import train

        return train
    raise AttributeError(f"module 'archcompile' has no attribute '{name}'")
