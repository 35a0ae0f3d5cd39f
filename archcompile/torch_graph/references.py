"""What names a network of PyTorch: `torchvision:NAME` and `timm:NAME`."""

import re
from dataclasses import dataclass
from importlib.util import find_spec

from archcompile.errors import MissingError, UsageError, visible

FAMILIES = ("torchvision", "timm")
PREFIXES = tuple(f"{family}:" for family in FAMILIES)
# A network, and behind a dot the trained weights whose preprocessing counts. timm would take other
# names (`hf-hub:…`, `local-dir:…`) for places to load code and weights from.
NAME = re.compile(r"[A-Za-z0-9_]{1,100}(\.[A-Za-z0-9_]{1,100})?")


@dataclass(frozen=True, slots=True)
class TorchReference:
    """A network of a package."""

    family: str
    name: str

    def __str__(self) -> str:
        return f"{self.family}:{self.name}"


def is_torch_reference(text: str) -> bool:
    """Whether a text names a network of PyTorch, even a wrong one."""
    return text.startswith(PREFIXES)


def torch_reference(text: str) -> TorchReference:
    """The network that a text names.

    Raises UsageError where it names anything but a network that is built here, MissingError where
    PyTorch or the package is not installed.
    """
    family, _, name = text.partition(":")
    if family not in FAMILIES or not NAME.fullmatch(name):
        raise UsageError(
            f"`{visible(text)}` names no network of {' or '.join(FAMILIES)}",
            hint="expected torchvision:NAME or timm:NAME; networks are built here, without "
            "trained weights, and never fetched",
        )
    need_packages(family)
    return TorchReference(family, name)


def need_packages(family: str) -> None:
    """Raises MissingError where PyTorch, or the package with the networks, is not installed."""
    for package in ("torch", family):
        if not _is_installed(package):
            raise MissingError(
                f"{family}:… needs {package}, which is not installed",
                hint=f"pip install 'archcompile[torch]' {family}",
            )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a module without a spec, as where an import is blocked
        return False
