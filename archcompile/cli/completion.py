"""What the shell completes: names of what ships, runs, data sources, keys of the spec on the line.

Names are read from folders and plain texts: nothing heavier than typer is imported, so that a key
press is answered at once. Only the keys of `--set` need the spec itself, and the words of lists the
rooms that they are words of.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from archcompile.data_sources import DATA_SOURCES
from archcompile.explain import entries
from archcompile.run_files import RUNS, holds_run
from archcompile.shipped import SUFFIXES, Kind, shipped_files

APPLICATIONS = "keras.applications:"
PLAIN = re.compile(r"[\w.+-]+\Z")  # a value that no shell changes


def _starting(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def _files(incomplete: str, suffixes: tuple[str, ...]) -> list[str]:
    """Files of this folder; those of others the shell completes itself."""
    if "/" in incomplete:
        return []
    names = (path.name for path in sorted(Path().iterdir()) if path.name.endswith(suffixes))
    return _starting(names, incomplete)


def _names_or_files(kind: Kind) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return _starting(shipped_files(kind), incomplete) + _files(incomplete, SUFFIXES)

    return complete


complete_specs = _names_or_files("spec")
complete_recipes = _names_or_files("recipe")
complete_experiments = _names_or_files("experiment")


def complete_templates(incomplete: str) -> list[str]:
    """What `archc init` can begin from."""
    return _starting(shipped_files("template"), incomplete)


def complete_codes(incomplete: str) -> list[str]:
    """Codes of errors and warnings."""
    return _starting(entries(), incomplete)


def complete_data(incomplete: str) -> list[str]:
    """Names of data sources; paths are the shell's."""
    return _starting(DATA_SOURCES, incomplete)


def complete_runs(incomplete: str) -> list[str]:
    """The runs below runs/, those of experiments too."""
    folders = [*sorted(RUNS.glob("*/")), *sorted(RUNS.glob("*/*/"))]
    return _starting((str(folder) for folder in folders if holds_run(folder)), incomplete)


def complete_applications(incomplete: str) -> list[str]:
    """The models of keras.applications; Keras itself is not imported."""
    package = find_spec("keras")
    file = Path((package and package.origin) or "").parent / "applications" / "__init__.py"
    if not file.is_file():
        return []
    models = re.findall(r" as ([A-Z]\w+),?$", file.read_text(), re.MULTILINE)
    return _starting((f"{APPLICATIONS}{name}" for name in models), incomplete)


def complete_networks(incomplete: str) -> list[str]:
    """Whatever `archc verify` compares with."""
    names = [*complete_specs(incomplete), *_files(incomplete, (".keras",))]
    return [*names, *complete_applications(incomplete)]


def complete_subjects(incomplete: str) -> list[str]:
    """What `archc export` takes."""
    return [*complete_specs(incomplete), *complete_runs(incomplete)]


def complete_models(incomplete: str) -> list[str]:
    """What `archc import` reads."""
    return [*_files(incomplete, (".keras",)), *complete_applications(incomplete)]


# ---- words of a list ----


def _list_of(words: Callable[[dict[str, Any]], Iterable[str]]) -> Callable[..., list[str]]:
    """Completes the last of the words of a list with commas; each is named once."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        given = before.split(",")
        left = (word for word in words(ctx.params) if word not in given)
        return [f"{before}{comma}{word}" for word in _starting(left, last)]

    return complete


def _facts(_: dict[str, Any]) -> Iterable[str]:
    from archcompile.drawing.figure import FACTS

    return FACTS


def _passes(_: dict[str, Any]) -> Iterable[str]:
    from archcompile.passes import PASSES

    return PASSES


def _contenders(params: dict[str, Any]) -> Iterable[str]:
    from archcompile.bench import AGAINST, DEPLOYED

    return DEPLOYED if params.get("inference") else AGAINST


complete_facts = _list_of(_facts)
complete_passes = _list_of(_passes)
complete_contenders = _list_of(_contenders)


# ---- keys of --set -------------------------------------------------------------------------------


def complete_sets(ctx: typer.Context, incomplete: str) -> list[str]:
    """`KEY=` for variables and keys of the spec on the line, with the value that each has now.

    Nothing where the spec cannot be read: a key press is no place for errors.
    """
    from archcompile.errors import ArchError

    try:
        return _settings(_spec_values(ctx.params), incomplete, choices=_choices(ctx.params))
    except (ArchError, OSError):
        return []


def complete_recipe_sets(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same for a recipe: `train.KEY=` and `data.KEY=`."""
    from archcompile.errors import ArchError

    try:
        return _settings(_recipe_values(str(ctx.params["name"])), incomplete)
    except (ArchError, OSError):
        return []


def complete_training_sets(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same for the spec and the recipe of a training."""
    from archcompile.errors import ArchError

    try:
        values = _spec_values(ctx.params)
        recipe = ctx.params.get("recipe") or values.pop("train", None)
        if recipe:
            values |= _recipe_values(str(recipe))
        return _settings(values, incomplete, choices=_choices(ctx.params))
    except (ArchError, OSError):
        return []


def _settings(
    values: dict[str, Any], incomplete: str, choices: dict[str, list[str]] | None = None
) -> list[str]:
    """`KEY=VALUE` of every key that begins so; of the only one left, `KEY=` and what can follow."""
    given, has_value, _ = incomplete.partition("=")
    left = {
        key: value
        for key, value in values.items()
        if (key == given if has_value else key.startswith(given))
    }
    if len(left) > 1:
        return [f"{key}={value if PLAIN.match(value) else ''}" for key, value in left.items()]
    for key, value in left.items():
        words = [value, *(choices or {}).get(key.rpartition(".")[2], ())]
        plain = dict.fromkeys(f"{key}={word}" for word in words if PLAIN.match(word))
        return _starting([f"{key}=", *plain] if not has_value else plain, incomplete)
    return []


def _spec_of(params: dict[str, Any]) -> Any:
    from archcompile.spec.loading import load

    named = (params.get(parameter) for parameter in ("spec", "specs", "parent", "what", "a"))
    name = next(filter(None, named), None)
    if isinstance(name, list | tuple):
        name = name[0]
    return load(str(name)) if name else None


def _spec_values(params: dict[str, Any]) -> dict[str, str]:
    """Each key with its value, both as on the command line: variables by their bare names.

    Those that are computed from others cannot be set.
    """
    from archcompile.spec.expressions import free_variables
    from archcompile.spec.yaml import plain, submap

    spec = _spec_of(params)
    if spec is None:
        return {}
    tree = plain(spec.tree.without("about", "allow", "expect", "vars"))
    entries = submap(spec.tree, "vars").entries
    variables = {
        name: plain(entry.value)
        for name, entry in entries.items()
        if free_variables(name, entries) == {name}
    }
    return dict([*_leaves(variables), *_leaves(tree)])


def _recipe_values(name: str) -> dict[str, str]:
    from archcompile.recipe import find, load

    values = load(find(name)).model_dump(mode="json", exclude={"archc", "name", "about", "allow"})
    data = values.pop("data")
    return dict([*_leaves(values, "train."), *_leaves(data, "data.")])


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, value) of all that is no map, in the words of a command line."""
    from archcompile.spec.yaml import flow

    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, f"{path}{key}.")
        else:
            yield f"{path}{key}", flow(inner)


def _choices(params: dict[str, Any]) -> dict[str, list[str]]:
    """What a `block:` and a `shortcut:` may name: what the spec defines and uses."""
    spec = _spec_of(params)
    if spec is None:
        return {}
    return {"block": sorted(spec.blocks), "shortcut": [*sorted(spec.rules), "none"]}
