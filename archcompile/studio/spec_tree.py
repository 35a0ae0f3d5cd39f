"""Which files the studio reads and writes: the tree of its spec; what ships; a folder of runs."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from archcompile.authoring import list_shipped
from archcompile.editor import list_yaml_files
from archcompile.errors import UsageError, did_you_mean
from archcompile.limits import MAX_NAME
from archcompile.run_files import CURVES_SVG, REPORT, holds_run
from archcompile.shipped import is_path, shipped_specs
from archcompile.spec.language import FILE_NAME, NAMES, Reach

SHOWN_FILES = (REPORT, CURVES_SVG)  # of a run


@dataclass(frozen=True, slots=True)
class SpecTree:
    """`folder` is the tree that is read and written; `runs` is only read, and may come later."""

    folder: Path
    runs: Path

    @staticmethod
    def around(spec: Path, runs: Path) -> "SpecTree":
        """The tree of a spec: from the folder `specs` above it, else its own folder."""
        return SpecTree(Reach.of(spec).folders[0], runs.resolve())

    def holds(self, file: Path) -> bool:
        """Whether a file lies in the tree, links followed."""
        return _is_in(file, self.folder)

    def list_specs(self) -> list[str]:
        """What a draft can be compared with: the files of the tree, then what ships."""
        inside = [path for path in list_yaml_files(self.folder) if _is_in(path, self.folder)]
        shipped = [spec.name for spec in list_shipped()]
        return [*(path.relative_to(self.folder).as_posix() for path in inside), *shipped]

    def find_spec(self, name: str) -> Path:
        """A spec to read: a file of the tree, or a shipped one by its name. Raises UsageError."""
        shipped = shipped_specs()
        if not is_path(name):
            if name not in shipped:
                raise UsageError(f"there is no spec {name}", hint=did_you_mean(name, shipped))
            return shipped[name]
        path = self._inside(name)
        if not os.path.isfile(path):  # False where a name is too long, too
            raise UsageError(f"there is no file {name} in {self.folder}")
        return path

    def place_for(self, name: str) -> Path:
        """Where a spec of this name would be written. Raises UsageError."""
        path = self._inside(name if name.endswith(".yaml") else f"{name}.yaml")
        if not re.fullmatch(FILE_NAME, path.stem):
            raise UsageError(f"`{path.stem[:MAX_NAME]}` is no name for a spec: {NAMES[FILE_NAME]}")
        if not os.path.isdir(path.parent):
            raise UsageError(f"there is no folder {path.parent}")
        return path

    def find_run(self, name: str) -> Path:
        """A run below the folder of runs. Raises UsageError."""
        path = _resolve(self.runs, name)
        if path is None or not holds_run(path):
            raise UsageError("there is no such run")
        return path

    def run_file(self, run: str, name: str) -> Path:
        """The report or the curves of a run. Raises UsageError."""
        folder = self.find_run(run)
        path = folder / name
        if name not in SHOWN_FILES or not os.path.isfile(path) or not _is_in(path, folder):
            raise UsageError("there is no such file")
        return path

    def _inside(self, name: str) -> Path:
        path = _resolve(self.folder, name)
        if path is None:
            raise UsageError(
                f"{name} is outside {self.folder}",
                hint="the studio reads and writes only the tree of its spec",
            )
        return path


def _resolve(folder: Path, name: str) -> Path | None:
    """The file of a relative name, links followed; None where it is outside or cannot be."""
    if "\0" in name or "\\" in name or Path(name).is_absolute():
        return None
    try:
        path = (folder / name).resolve()
    except (OSError, RuntimeError):  # a name too long, or links in a circle
        return None
    return path if path.is_relative_to(folder.resolve()) else None


def _is_in(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False
