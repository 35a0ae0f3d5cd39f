"""Where the stages of a child go: `after` and `steps`, which are resolved when files are merged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archcompile.errors import did_you_mean
from archcompile.spec.language import Finding, finding
from archcompile.spec.loading.vocabulary import PLACE_KEYS
from archcompile.spec.yaml import (
    Entry,
    Gone,
    Map,
    Scalar,
    Seq,
    Tree,
    at_path,
    expect_text,
    fail,
    kind_of,
)

STEM = "stem"  # what the first stage is after

Places = Mapping[str, Scalar]  # by stage, what it is to be after


def split_places(tree: Map, stages_before: Map) -> tuple[Map, Places]:
    """A file without the `after` and `steps` of its stages, and where those are to go.

    `stages_before` are the stages that it adds to, those that it removes among them.

    Raises SpecError where a stage says so wrongly.
    """
    stages = tree.get("stages")
    if not isinstance(stages, Map):
        return tree, {}
    places: dict[str, Scalar] = {}
    entries: dict[str, Entry] = {}
    for name, entry in stages.entries.items():
        row = entry.value
        if not isinstance(row, Map) or not set(PLACE_KEYS) & row.entries.keys():
            entries[name] = entry
            continue
        places[name] = _place(name, row, stages_before)
        entries[name] = replace(entry, value=_content(name, row, stages_before))
    return Map(
        {**tree.entries, "stages": Entry(Map(entries, stages.at), tree.entries["stages"].at)},
        tree.at,
    ), places


def _place(name: str, row: Map, stages_before: Map) -> Scalar:
    """What a stage is to be after. Raises SpecError."""
    if "after" not in row:
        raise fail(
            "missing-key",
            f"stage '{name}' has `steps`, which belongs with `after`",
            row.entries["steps"].at,
            hint=f"write a stage that is a list as `{name}: [ … ]`",
        )
    if not stages_before.entries:
        raise fail(
            "after-nothing",
            f"there are no parent stages that '{name}' could follow",
            row.entries["after"].at,
            hint="write the stage in its place, without `after`",
        )
    target = row["after"]
    expect_text(target, "`after`")
    assert isinstance(target, Scalar)
    return target


def _content(name: str, row: Map, stages_before: Map) -> Tree:
    """What a stage says besides its place: its steps or its row; if it only moves, what it was."""
    rest = row.without(*PLACE_KEYS)
    if "steps" not in row:
        is_moved = (
            name in stages_before and not isinstance(stages_before[name], Gone) and not rest.entries
        )
        return stages_before[name] if is_moved else rest
    if rest.entries:
        key, entry = next(iter(rest.entries.items()))
        raise fail(
            "unknown-key",
            f"stage '{name}' is a list of steps, so it has no '{key}'",
            entry.at,
            hint="only `after` may accompany `steps`",
        )
    if not isinstance(row["steps"], Seq):
        raise fail(
            "wrong-type",
            f"`steps` of stage '{name}': expected a list, got {kind_of(row['steps'])}",
            row["steps"].at,
        )
    return row["steps"]


def put_in_order(tree: Map, places: Places) -> Map:
    """The merged file with its stages in order. Raises SpecError (after-nothing, cycle)."""
    stages = tree.get("stages")
    if not places or not isinstance(stages, Map):
        return tree
    behind: dict[str, list[str]] = {STEM: []}  # by stage, those after it as they are written
    for name, target in places.items():
        after = str(target.value)
        if after != STEM and after not in stages:
            raise fail(
                "after-nothing",
                f"there is no stage '{after}' that '{name}' could follow",
                target.at,
                hint=did_you_mean(after, [STEM, *(key for key in stages.entries if key != name)]),
            )
        behind.setdefault(after, []).append(name)
    order: list[str] = []
    todo = [*(name for name in reversed(list(stages.entries)) if name not in places), STEM]
    while todo:
        name = todo.pop()
        order.append(name)
        todo += reversed(behind.get(name, ()))
    lost = next((name for name in places if name not in order), None)
    if lost:
        raise fail(
            "cycle",
            f"stage '{lost}' would follow itself",
            places[lost].at,
            hint="name a stage of the parent",
        )
    return Map(
        {
            **tree.entries,
            "stages": replace(tree.entries["stages"], value=_in_order(stages, order[1:])),
        },
        tree.at,
    )


def _in_order(stages: Map, order: list[str]) -> Map:
    return Map({name: stages.entries[name] for name in order}, stages.at)


def find_reordered(before: Map, now: Map, removed: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """What a file removed and gave anew, and which now has another place among its siblings."""
    for *path, name in removed:
        old, new = at_path(before, path), at_path(now, path)
        kind = path[-1] if path else ""
        if kind not in ("stages", "branches"):
            continue
        if not (isinstance(old, Map) and isinstance(new, Map)):
            continue
        order = list(old.entries)
        if name in new and order != list(new.entries):
            meaning = (
                f"'{name}', removed and given anew, keeps its place; it used to come after all "
                f"that stayed: {', '.join(order)}"
            )
            mend = (
                "`after: STAGE` puts it elsewhere"
                if kind == "stages"
                else "for the old order, remove and give anew `branches` as a whole"
            )
            yield finding("meaning-changed", meaning, new.entries[name].at, allow=(), hint=mend)
