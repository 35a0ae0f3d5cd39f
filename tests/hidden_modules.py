"""Modules that have been imported and look as if they had not been."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


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


def hide(*names: str) -> None:
    """Takes modules out of `sys.modules`, until they are imported again, at once."""
    sys.meta_path.insert(0, Hidden(names))
