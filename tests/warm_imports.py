"""Imports TensorFlow and hides it: what `tests/warm.py` forks has it at once when it asks for it.

Until then, a fork looks like a process that has not imported it, which is what archc goes by.
"""

import gc
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import archcompile.cli.app  # noqa: F401 - with it, TensorFlow is imported as in a command
from archcompile.quiet import lean_start, quiet_start

HIDDEN = ("tensorflow", "keras")


class Hidden(MetaPathFinder, Loader):
    """Finds modules that have been imported and taken out of `sys.modules`."""

    def __init__(self, names: Sequence[str]) -> None:
        self.modules = {name: sys.modules.pop(name) for name in names}
        self.specs = {name: module.__spec__ for name, module in self.modules.items()}

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        is_hidden = fullname in self.modules
        return importlib.util.spec_from_loader(fullname, self) if is_hidden else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.specs[module.__spec__.name]  # as the import machinery sets another


with quiet_start(), lean_start():
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
    import keras  # noqa: F401
    import tensorflow  # noqa: F401
sys.meta_path.insert(0, Hidden(HIDDEN))
gc.collect()
gc.freeze()  # collections in the forks leave it out
