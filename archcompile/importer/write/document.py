"""A spec from a graph, as the keys of a YAML file: blocks where it repeats, else lists of steps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from archcompile.graph import LayerGraph
from archcompile.importer.fold import (
    BRANCHED,
    CONV_BN,
    NONE,
    PLAIN,
    RESIDUAL,
    TRANSITION,
    Cover,
    FoldedBlock,
    FoldedPart,
    Rule,
    all_forms,
    best_covers,
    cells_of,
    flat_part,
    fold_idiom,
    output_names,
    parts_of,
    trunk_of,
    with_padding,
)
from archcompile.importer.write import yaml_form
from archcompile.importer.write.defaults import Defaults, common_defaults
from archcompile.spec.yaml import dump

LONG = 60  # characters of a name
GROUPS = (
    ("archc", "about"),
    ("vars", "input", "defaults", "allow"),
    ("blocks",),
    ("shortcuts",),
    ("stem", "stages", "shortcut", "head", "outputs"),
    ("expect",),
)


@dataclass(frozen=True, slots=True)
class Document:
    """The keys of a spec; `blocks` is how many block types it has."""

    keys: dict[str, Any]
    blocks: int

    def text(self, **more: Any) -> str:
        """As YAML, in groups with a line between; `more` are further keys."""
        keys = {**self.keys, **more}
        texts = [_group_text(group, keys) for group in GROUPS]
        return "\n".join(text for text in texts if text)


def _group_text(group: Sequence[str], keys: Mapping[str, Any]) -> str:
    text = dump({key: keys[key] for key in group if keys.get(key)})
    return _spaced_blocks(text) if text.startswith("blocks:") else text


def _spaced_blocks(text: str) -> str:
    """The text of `blocks` with an empty line between each two."""
    head, *blocks = re.split(r"^(?=  \S)", text, flags=re.MULTILINE)
    return head + "\n".join(blocks)  # none where they fit on one line


def flatten_document(graph: LayerGraph, about: str) -> Document:
    """Every layer a step of the one list `stem`."""
    return _document(graph, about, [flat_part(graph)])


def fold_document(graph: LayerGraph, about: str, most: int) -> Document:
    """With at most so many block types, fewer where fewer save lines."""
    trunk = trunk_of(graph, most)
    trunk_cells = cells_of(graph, with_padding(trunk.atoms), trunk.taps)
    shapes = [graph.input_shape, *(cell.last.shape for cell in trunk_cells)]
    chosen = sorted(best_covers(trunk_cells, shapes, most), key=lambda cover: cover.stretches[0])
    _name_blocks(chosen)
    rules = _rules(chosen)
    return _document(
        graph,
        about,
        parts_of(graph, trunk_cells, trunk.rest, covers=chosen),
        blocks=[cover.block for cover in chosen],
        rules=rules,
    )


def _name_blocks(chosen: Sequence[Cover]) -> None:
    """Names that say what a block does, in the order of their first use."""
    counts: dict[str, int] = {}
    for cover in chosen:
        kinds = {form.kind for form in all_forms(cover.block.forms)}
        smaller = all(unit.nodes[-1].shape[0] < unit.shape[0] for unit in cover.block.units)
        if cover.block.rules:
            word = RESIDUAL
        elif kinds & {"concat", "add", "average"}:
            word = BRANCHED
        else:
            word = TRANSITION if smaller else PLAIN
        counts[word] = counts.get(word, 0) + 1
        cover.block.name = word if counts[word] == 1 else f"{word}_{counts[word]}"


# ---- the keys ------------------------------------------------------------------------------------


def _document(
    graph: LayerGraph,
    about: str,
    parts: Sequence[FoldedPart],
    *,
    blocks: Sequence[FoldedBlock] = (),
    rules: Sequence[Rule] = (),
) -> Document:
    """The keys of a spec in order, with defaults that hold for all of it."""
    lists = [part.content for part in parts if isinstance(part.content, list)]
    bodies = [*lists, *(block.forms for block in blocks), *(rule.forms for rule in rules)]
    conv_bn = fold_idiom(bodies) if blocks else None
    bodies += [conv_bn.forms] if conv_bn else []
    common = common_defaults(form for forms in bodies for form in all_forms(forms))
    shortcut = _usual(blocks)
    keys: dict[str, Any] = {
        "archc": 1,
        "about": about,
        "input": list(graph.input_shape),
        "defaults": common,
    }
    keys["blocks"] = {CONV_BN: yaml_form.idiom_data(conv_bn, common)} if conv_bn else {}
    for block in blocks:
        keys["blocks"][block.name] = yaml_form.block_data(block, _where(block), common)
    keys["shortcuts"] = {rule.name: yaml_form.rule_data(rule, common) for rule in rules}
    data = {part.name: _part_data(part, common, shortcut) for part in parts}
    keys |= {name: data.pop(name) for name in ("stem", "head") if name in data}
    keys |= {"stages": data, "shortcut": shortcut}
    if len(graph.outputs) > 1:
        keys["outputs"] = _outputs(graph, parts)
    else:
        _classes(keys)
    return Document(keys, len(keys["blocks"]))


def _part_data(part: FoldedPart, common: Defaults, shortcut: Any) -> Any:
    if isinstance(part.content, list):
        return yaml_form.steps_data(part.content, common)
    block, row = part.content
    return yaml_form.row_data(row, block, shortcut)


def _outputs(graph: LayerGraph, parts: Sequence[FoldedPart]) -> dict[str, str]:
    """Where the points of several outputs lie, by label."""
    names: dict[str | None, str] = {}
    for part in parts:
        if isinstance(part.content, list):
            names |= {form.name: part.name for form in all_forms(part.content)}
    ends = {part.end: part.name for part in parts}
    return {
        label: f"{names[label]}.{label}" if label in names else ends[node]
        for node, label in output_names(graph).items()
    }


def _classes(keys: dict[str, Any]) -> None:
    """The number of classes as a variable, which is what people change first."""
    part = "head" if "head" in keys else "stem"
    last = keys.get(part, [None])[-1]
    dense = last.get("dense", {}) if isinstance(last, dict) else {}
    if isinstance(dense.get("units"), int) and "repeat" not in dense:
        keys["vars"] = {"classes": dense["units"]}
        dense["units"] = "$classes"


def _where(block: FoldedBlock) -> str:
    """Which layers of the model a block was read from: those of its first unit."""
    unit = block.units[0]
    first, last = unit.nodes[0], unit.nodes[-1]
    if unit.join is not None and unit.place == len(unit.items):
        last = unit.join.merge
    return f"As the layers {shorten(first.name)} to {shorten(last.name)}"


def shorten(name: str) -> str:
    """A name of the model's, as much of it as anybody reads."""
    return name if len(name) <= LONG else f"{name[: LONG - 1]}…"


def _usual(blocks: Sequence[FoldedBlock]) -> Any:
    """The choice of a shortcut that most units have."""
    counts: dict[str, int] = {}
    choices: dict[str, Any] = {}
    for choice in chain.from_iterable(block.choices for block in blocks):
        if choice is not None and choice != NONE:
            counts[repr(choice)] = counts.get(repr(choice), 0) + 1
            choices[repr(choice)] = choice
    return choices[max(counts, key=lambda key: counts[key])] if counts else None


def _rules(chosen: Sequence[Cover]) -> list[Rule]:
    """The rules of all blocks.

    The same rule of two blocks is one; different rules of one name get different names.
    """
    _choose(chosen)
    by_name: dict[str, tuple[Any, Rule]] = {}
    for rule in chain.from_iterable(cover.block.rules for cover in chosen):
        body, name, count = yaml_form.rule_data(rule, {}), rule.name, 1
        while name in by_name and by_name[name][0] != body:
            count += 1
            name = f"{rule.name}_{count}"
        by_name.setdefault(name, (body, rule))
        rule.name = name
    _choose(chosen)  # with the names that the rules have now
    return [rule for _, rule in by_name.values()]


def _choose(chosen: Sequence[Cover]) -> None:
    """The choices of rules, now that the place of each unit among all that join is known."""
    joining = [cover for cover in chosen if cover.block.rules]
    order = sorted(stretch for cover in joining for stretch in cover.stretches)
    place = {stretch: number for number, stretch in enumerate(order, 1)}
    for cover in joining:
        cover.block.choose([place[stretch] for stretch in cover.stretches], len(order))
