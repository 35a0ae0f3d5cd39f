"""What a text is (spec, library, recipe, experiment), and the mistakes in what is no spec."""

import re
from pathlib import Path

from archcompile.errors import Diagnostic
from archcompile.shipped import FOLDERS, Kind
from archcompile.spec.language import shown_path
from archcompile.spec.loading import ReadText, check_library, kind_of_keys
from archcompile.spec.yaml import parse

_TOP_KEY = re.compile(r"^([a-z_]+)[ \t]*:", re.MULTILINE)


def kind_of_text(text: str, file: Path) -> Kind:
    """What a text is by the keys that begin a line, however broken it is; else by its folder."""
    keys = set(_TOP_KEY.findall(text))
    by_keys = kind_of_keys(keys)
    if by_keys != "spec" or keys - {"archc", "about", "uses", "name"}:
        return by_keys
    by_folder: dict[str, Kind] = {"blocks": "library", "recipes": "recipe"}
    by_folder[FOLDERS["experiment"]] = "experiment"
    return by_folder.get(file.parent.name, "spec")


def check_text(kind: Kind, text: str, file: Path, *, read_file: ReadText) -> tuple[Diagnostic, ...]:
    """The warnings about a text that is no spec. Raises SpecError with its mistakes."""
    if kind == "library":
        check_library(file, read_file)
        return ()
    tree = parse(text, shown_path(file))
    if kind == "recipe":
        from archcompile.recipe import lint, recipe_of, with_name

        named = with_name(tree, file)
        return tuple(lint(recipe_of(named), named))
    from archcompile.experiments import experiment_of

    experiment_of(tree, file)
    return ()
