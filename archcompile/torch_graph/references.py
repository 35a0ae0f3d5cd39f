"""What names a network of PyTorch: `torchvision:NAME`, `timm:NAME`, and `torch:FILE.py`."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from archcompile.errors import MissingError, UsageError, visible

FAMILIES = ("torchvision", "timm")
OWN_FILE = "torch"  # a file of one's own
PREFIXES = tuple(f"{family}:" for family in (*FAMILIES, OWN_FILE))
# A network, and behind a dot the trained weights whose preprocessing counts. timm would take other
# names (`hf-hub:…`, `local-dir:…`) for places to load code and weights from.
NAME = re.compile(r"[A-Za-z0-9_]{1,100}(\.[A-Za-z0-9_]{1,100})?")


@dataclass(frozen=True, slots=True)
class TorchReference:
    """A network of a package, or with `torch` as family the one that a Python file leaves."""

    family: str
    name: str

    def __str__(self) -> str:
        return f"{self.family}:{self.name}"


def is_torch_reference(text: str) -> bool:
    """Whether a text names a network of PyTorch, even a wrong one."""
    return text.startswith(PREFIXES)


def torch_reference(text: str, trust: bool = False) -> TorchReference:
    """The network that a text names; `trust` allows a file to run.

    Raises UsageError where it names anything but a network that is built here, MissingError where
    PyTorch or the package is not installed.
    """
    family, _, name = text.partition(":")
    if family == OWN_FILE:
        return _file_reference(Path(name), trust)
    if family not in FAMILIES or not NAME.fullmatch(name):
        raise UsageError(
            f"`{visible(text)}` names no network of {' or '.join(FAMILIES)}",
            hint="expected torchvision:NAME or timm:NAME; networks are built here, without "
            "trained weights, and never fetched",
        )
    need_packages(family)
    return TorchReference(family, name)


def _file_reference(path: Path, trust: bool) -> TorchReference:
    """A Python file that leaves a network in `model`."""
    if not path.is_file() or path.suffix != ".py":
        raise UsageError(
            f"{OWN_FILE}:{visible(str(path))} is not a Python file",
            hint="a file of your own assigns an nn.Module to `model`; PyTorch's own formats are "
            "not read, since they can hold code",
        )
    if not trust:
        raise UsageError(f"{OWN_FILE}:{path} would run that file", hint="read it, then add --trust")
    need_packages(OWN_FILE)
    return TorchReference(OWN_FILE, str(path.absolute()))


def need_packages(family: str) -> None:
    """Raises MissingError where PyTorch, or the package with the networks, is not installed."""
    for package in ("torch", family):
        if not _is_installed(package):
            raise MissingError(
                f"{family}:… needs {package}, which is not installed",
                hint="pip install 'archcompile[timm]'",
            )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a module without a spec, as where an import is blocked
        return False
