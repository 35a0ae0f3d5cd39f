"""What kind a YAML file is, by its keys."""

from collections.abc import Set

from archcompile.shipped import Kind
from archcompile.spec.language import SHELVES, SPEC_ALONE, SpecFile, find_spec, shown_path
from archcompile.spec.yaml import Map, parse, read_text


def kind_of_file(name: str) -> Kind:
    """Whether a YAML file is a spec, library, recipe or experiment, by its keys.

    Raises UsageError, SpecError.
    """
    path = find_spec(name)
    tree = parse(read_text(path), shown_path(path))
    return kind_of_keys(set(tree.entries)) if isinstance(tree, Map) else "spec"


def kind_of_keys(keys: Set[str]) -> Kind:
    """What a file with these keys is."""
    if keys & {*SPEC_ALONE, "vars"}:
        return "spec"
    if keys & set(SHELVES):
        return "library"
    if keys >= {"specs", "recipes"}:
        return "experiment"
    if keys & {"optimizer", "schedule", "epochs", "batch_size", "augment"}:
        return "recipe"
    only_in_specs = SpecFile.model_fields.keys() - {"archc", "about"}
    return "experiment" if keys & {"specs", "recipes"} and not keys & only_in_specs else "spec"
