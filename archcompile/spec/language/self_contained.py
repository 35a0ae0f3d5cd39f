"""A spec as one self-contained file."""

from collections.abc import Iterable, Mapping

from archcompile.spec.language.model import Block, Row, Spec, Step
from archcompile.spec.yaml import EMPTY, Entry, Map, Scalar, Tree, dump, plain


def resolved(spec: Spec) -> str:
    """The spec as one self-contained file: parents and settings merged in, with just the blocks and
    rules it uses.
    """
    return dump({key: plain(tree) for key, tree in resolved_trees(spec).items()})


def resolved_trees(spec: Spec) -> dict[str, Tree]:
    """The keys of the resolved spec, in the order of the file; what no file says has no place
    (`tree.EMPTY`).
    """
    rules = _rule_names(spec)
    blocks = _block_names(spec, rules)
    trees: dict[str, Tree] = {
        "archc": Scalar(1, EMPTY),
        "name": Scalar(spec.name, spec.name_at or EMPTY),
    }
    order = (
        "about",
        "vars",
        "input",
        "defaults",
        "blocks",
        "shortcuts",
        "stem",
        "stages",
        "shortcut",
        "head",
        "outputs",
        "train",
        "allow",
    )
    found = {
        **dict(spec.tree.items()),
        "blocks": _sources(spec.blocks, blocks),
        "shortcuts": _sources(spec.rules, rules),
    }
    for key in order:
        if key in found and plain(found[key]) not in ({}, []):
            trees[key] = found[key]
    if spec.expect and not spec.sets:
        trees["expect"] = spec.expect
    return trees


def _sources(definitions: Mapping[str, Block], wanted: set[str]) -> Map:
    return Map(
        {
            name: Entry(block.source, block.at)
            for name, block in definitions.items()
            if name in wanted
        },
        EMPTY,
    )


def _rule_names(spec: Spec) -> set[str]:
    trees: list[Tree | None] = [spec.tree.get("shortcut")]
    for row in _all_rows(spec):
        trees += [row.shortcut, *(edge.get("shortcut") for edge in (row.first, row.last) if edge)]
    for block in spec.blocks.values():
        trees += [
            step.attributes.get("rule")
            for step in _all_steps(block.body)
            if step.kind == "shortcut"
        ]
    names: set[str] = set()
    for tree in trees:
        if tree is not None:
            names.update(tree.entries if isinstance(tree, Map) else [str(plain(tree))])
    return names & set(spec.rules)


def _block_names(spec: Spec, rules: set[str]) -> set[str]:
    todo = [part.content.block for part in spec.parts if isinstance(part.content, Row)]
    bodies = [part.content for part in spec.parts if isinstance(part.content, tuple)]
    bodies += [spec.rules[name].body for name in rules]
    todo += [step.row.block for body in bodies for step in _all_steps(body) if step.row]
    defaults = spec.tree.get("defaults")
    todo += (
        [name for name in defaults.entries if name in spec.blocks]
        if isinstance(defaults, Map)
        else []
    )
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [step.row.block for step in _all_steps(spec.blocks[name].body) if step.row]
    return found


def _all_rows(spec: Spec) -> Iterable[Row]:
    yield from (part.content for part in spec.parts if isinstance(part.content, Row))
    bodies: list[tuple[Step, ...]] = [
        part.content for part in spec.parts if isinstance(part.content, tuple)
    ]
    bodies += [block.body for block in (*spec.blocks.values(), *spec.rules.values())]
    for body in bodies:
        yield from (step.row for step in _all_steps(body) if step.row)


def _all_steps(body: Iterable[Step]) -> Iterable[Step]:
    for step in body:
        yield step
        for branch in (step.branches or {}).values():
            yield from _all_steps(branch)
