"""Which file a name means, and which files a spec may read: its own tree, and what ships."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archcompile.errors import Location, SpecError, UsageError, did_you_mean, list_known, nearest
from archcompile.run_files import RESOLVED
from archcompile.shipped import find_file, is_path, shipped_files, shipped_folder, shipped_specs
from archcompile.spec.language.file_forms import SHELVES, SPEC_ALONE
from archcompile.spec.yaml import Map, Scalar, Tree, fail


def check_recipe(tree: Map) -> None:
    """Raises SpecError unless the recipe that a spec's `train` names ships with archc."""
    if "train" in tree:
        check_recipe_name(tree["train"])


def check_recipe_name(value: Tree) -> None:
    """Raises SpecError (unknown-recipe) for a text that names no shipped recipe."""
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        return  # nothing, or its type has been noted
    known = shipped_files("recipe")
    if value.value not in known:
        raise fail(
            "unknown-recipe",
            f"no recipe called '{value.value}' ships with archc",
            value.at,
            hint="name a shipped recipe here; for another file say `archc train SPEC --recipe FILE`"
            if is_path(value.value)
            else did_you_mean(value.value, known),
        )


def shown_path(path: Path) -> str:
    """A path as a person would write it from the working folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def find_spec(name: str) -> Path:
    """The file that SPEC on the command line means. Raises UsageError.

    A name with `/` or `.yaml` is a file relative to the working folder, a bare name a shipped spec.
    """
    path = find_file(name, "spec", lambda: _unknown_spec_hint(name))
    # unlike Path.exists, False where a name is too long or a folder closed
    if not os.path.exists(path):
        raise UsageError(f"there is no file {name}", hint=_near_file(path))
    return path


def _unknown_spec_hint(name: str) -> str:
    """What may have been meant by a name that is not that of a shipped spec."""
    if os.path.isfile(os.path.join(name, RESOLVED)):
        return f"the run in the folder {name} has its spec in {name}/{RESOLVED}"
    if os.path.isdir(name):
        return f"{name} is a folder; name a spec in it as {name}/FILE.yaml"
    if os.path.isfile(f"{name}.yaml"):
        return f"a bare name means a shipped spec; for the file write {name}.yaml"
    if os.path.isfile(name):
        return f"for the file write ./{name}"
    return _file_hint(name, {word: word for word in shipped_specs()})


def expect_no_spec(tree: Map, file: str, expected: str, *, at: Location | None = None) -> None:
    """Raises SpecError, at the place that names a file, where it is a spec and not `expected`.

    With definitions of blocks or rules it may still be a library.
    """
    if any(key in tree for key in SPEC_ALONE) and not any(key in tree for key in SHELVES):
        message = f"{file}: expected {expected}, got a spec"
        raise fail("unknown-file", message, at or tree.at)


def _file_hint(stem: str, shown: Mapping[str, str], shelf: str = "") -> str:
    """For a shipped file that is not there.

    `shown` has the others by their stems, since a common suffix makes no two alike.

    The numbers of a spec are no typos: another depth is another network.
    """
    stem = _with_digits(stem)
    near = nearest(stem, [word for word in shown if shelf or _digits(word) == _digits(stem)])
    if near:
        return f"did you mean `{shown[near]}`?"
    return list_known(shown.values(), "shipped are") if shelf else "`archc list` shows what ships"


def _digits(name: str) -> str:
    return "".join(re.findall(r"\d", name))


def _with_digits(name: str) -> str:
    """A name with the digits that were meant by letters beside them: `v1_2O`, `v1_1l0`."""
    zeros = re.sub(r"(?<=\d)[oO]|[oO](?=\d)", "0", name)
    return re.sub(r"(?<=\d)[lI]|[lI](?=\d)", "1", zeros)


def _near_file(path: Path) -> str | None:
    if path.suffix == ".yaml" and path.stem in shipped_specs():
        return f"`{path.stem}` ships with archc, and its name alone means it in any folder"
    folder = path.parent
    if not os.path.isdir(folder):
        return f"there is no folder {folder} either"
    if os.path.islink(path):
        return "it is a link that leads nowhere"
    names = {p.stem: p.name for p in sorted(folder.glob("*.y*ml"))}
    near = nearest(path.stem, names)
    if near:
        return f"did you mean `{names[near]}`?"
    return list_known(names.values(), "the folder holds") if names else None


@dataclass(frozen=True, slots=True)
class Reach:
    """The folders whose YAML files a spec may read."""

    folders: tuple[Path, ...]

    @staticmethod
    def of(spec: Path) -> "Reach":
        """The tree of a spec: from the nearest folder `specs` above it, else its own folder."""
        folder = spec.resolve().parent
        root = next((p for p in (folder, *folder.parents) if p.name == "specs"), folder)
        return Reach((root, shipped_folder().resolve()))

    def follow(self, name: str, beside: Path, at: Location, *, shelf: str = "") -> Path:
        """The file that `extends` or `uses` means in a file. Raises SpecError (unknown-file).

        A bare name is shipped; a path is relative to the file that names it. One with `./` or `../`
        means that file alone, others mean the shipped file of that path where there is none.
        """
        shipped = shipped_folder()
        if name.endswith(".yaml"):
            if Path(name).is_absolute() or "\0" in name or "\\" in name:
                raise fail(
                    "unknown-file",
                    f"'{name}' is not a relative path",
                    at,
                    hint="paths in a spec are relative, with `/`",
                )
            candidates = [beside.parent / name, *([] if _has_dots(name) else [shipped / name])]
        elif "/" in name or "." in name:
            raise fail("unknown-file", f"'{name}' does not end in .yaml", at)
        else:
            candidates = [shipped / shelf / f"{name}.yaml"]
        for path in candidates:
            if os.path.isfile(path):
                if not any(path.resolve().is_relative_to(folder) for folder in self.folders):
                    raise fail(
                        "unknown-file",
                        f"'{name}' leads outside the spec's own folder",
                        at,
                        hint="a spec reads only files below its own folder, or shipped ones",
                    )
                return path
        raise _not_there(name, beside, at, shelf=shelf)


def _has_dots(name: str) -> bool:
    return any(part in (".", "..") for part in name.split("/"))


def _not_there(name: str, beside: Path, at: Location, *, shelf: str) -> SpecError:
    """An error for a file that is not there, with the shipped one that may have been meant."""
    folder = shipped_folder()
    known = [str(p.relative_to(folder)) for p in sorted((folder / shelf).glob("*.yaml"))]
    hint: str | None
    if not _has_dots(name):
        whole = name.endswith(".yaml")
        shown = {Path(path).stem: path if whole else Path(path).stem for path in known}
        hint = _file_hint(Path(name).stem if whole else name, shown, shelf)
        if whole:
            place = f"neither beside {shown_path(beside)} nor shipped with archc"
            return fail("unknown-file", f"there is no file '{name}', {place}", at, hint=hint)
        if os.path.isfile(beside.parent / f"{name}.yaml"):
            hint = f"for the file beside this one write ./{name}.yaml"
        kind = "library" if shelf else "spec"
        return fail("unknown-file", f"no {kind} called '{name}' ships with archc", at, hint=hint)
    bare = "/".join(part for part in name.split("/") if part not in (".", ".."))
    candidates = [bare.removeprefix("specs/"), f"{shelf}/{bare}"]
    shipped = next((path for path in candidates if path in known), None)
    hint = None
    if shipped:
        name_in_spec = shipped if shelf else shipped.removesuffix(".yaml")
        hint = f"`{name_in_spec}` is the shipped one"
    return fail(
        "unknown-file", f"there is no file '{name}', seen from {shown_path(beside)}", at, hint=hint
    )
