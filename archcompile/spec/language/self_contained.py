"""A spec as one self-contained file."""

from collections.abc import Mapping

from archcompile.spec.language.file_forms import Block, Spec
from archcompile.spec.yaml import EMPTY, Entry, Map, Scalar, Tree, dump, plain

ORDER = (
    *("about", "vars", "input", "defaults", "blocks", "shortcuts"),
    *("stem", "stages", "shortcut", "head", "outputs", "train", "allow"),
)


def resolved_text(spec: Spec) -> str:
    """The spec with parents and settings merged in, and just the blocks and rules it uses."""
    return dump({key: plain(tree) for key, tree in resolved_trees(spec).items()})


def resolved_trees(spec: Spec) -> dict[str, Tree]:
    """The keys of the resolved spec, in order; what no file says is at `EMPTY`."""
    rules = _rule_names(spec)
    blocks = _block_names(spec, rules)
    trees: dict[str, Tree] = {
        "archc": Scalar(1, EMPTY),
        "name": Scalar(spec.name, spec.name_at or EMPTY),
    }
    written = {
        **dict(spec.tree.items()),
        "blocks": _sources(spec.blocks, blocks),
        "shortcuts": _sources(spec.rules, rules),
    }
    for key in ORDER:
        if key in written and plain(written[key]) not in ({}, []):
            trees[key] = written[key]
    if spec.expect and not spec.sets:
        trees["expect"] = spec.expect
    return trees


def _sources(definitions: Mapping[str, Block], names: set[str]) -> Map:
    """Those of the definitions that are named, as they were written."""
    used = {name: block for name, block in definitions.items() if name in names}
    return Map({name: Entry(block.source, block.at) for name, block in used.items()}, EMPTY)


def _rule_names(spec: Spec) -> set[str]:
    """The rules that something chooses."""
    trees: list[Tree | None] = [spec.tree.get("shortcut")]
    for row in spec.rows():
        trees += row.choices()
    for definition in spec.definitions():
        for step in definition.steps():
            trees += step.row.choices() if step.row else []
            if step.kind == "shortcut":
                trees.append(step.attributes.get("rule"))
    names: set[str] = set()
    for tree in trees:
        if tree is not None:
            names.update(tree.entries if isinstance(tree, Map) else [str(plain(tree))])
    return names & set(spec.rules)


def _block_names(spec: Spec, rules: set[str]) -> set[str]:
    """The blocks that parts, the rules in use or `defaults` name, and the blocks within them."""
    names = {row.block for row in spec.rows()}
    for rule in rules:
        names.update(spec.rules[rule].blocks_within())
    defaults = spec.tree.get("defaults")
    if isinstance(defaults, Map):
        names.update(name for name in defaults.entries if name in spec.blocks)
    todo, reached = list(names), set[str]()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += spec.blocks[name].blocks_within()
    return reached
