"""What ships with archc, by name; and whether a word on the command line is such a name or a path.

Paths within YAML files have rules of their own: `spec.language.Reach`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from archcompile.errors import UsageError, did_you_mean

Kind = Literal["spec", "library", "recipe", "experiment"]  # of files, each with a schema
Shipped = Kind | Literal["template"]  # of what ships; a template is a spec to be copied
FOLDERS: dict[Shipped, str] = {  # below the folder of shipped specs
    "spec": "",
    "library": "blocks",
    "recipe": "recipes",
    "experiment": "experiments",
    "template": "templates",
}
SUFFIXES = (".yaml", ".yml")


def shipped_folder() -> Path:
    """The folder of the shipped specs: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


def shipped_files(kind: Shipped) -> dict[str, Path]:
    """The shipped files of a kind by name."""
    folder = shipped_folder() / FOLDERS[kind]
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def shipped_specs() -> dict[str, Path]:
    """The shipped specs by name."""
    return shipped_files("spec")


def is_path(name: str) -> bool:
    """Whether a word means a file, with `/` or `.yaml` in it, and not something that ships."""
    return "/" in name or os.sep in name or name.endswith(SUFFIXES)


def find_file(name: str, kind: Shipped, hint: Callable[[], str | None] = lambda: None) -> Path:
    """The file that a word on the command line means: a path, or a name of what ships.

    Raises UsageError for an unknown name, with a hint: this one, or else names that are near.
    """
    if is_path(name):
        return Path(name)
    shipped = shipped_files(kind)
    if name not in shipped:
        raise UsageError(
            f"no {kind} called '{name}' ships with archc",
            hint=hint() or did_you_mean(name, shipped),
        )
    return shipped[name]
