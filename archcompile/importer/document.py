"""A spec from a graph: blocks where it repeats, lists of steps where it does not, as the keys of a YAML file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from archcompile.graph.ir import LayerGraph, Node
from archcompile.importer import yaml_form
from archcompile.importer.attributes import attributes, with_padding
from archcompile.importer.blocks import NONE, Block
from archcompile.importer.cover import Cover, covers, rows_of, runs
from archcompile.importer.defaults import defaults
from archcompile.importer.forms import Form, Writer, all_forms
from archcompile.importer.rules import Rule
from archcompile.importer.series import Series, Single, Tangle, leaves, series
from archcompile.importer.units import Cell, cells
from archcompile.ops.pool import Global, Window
from archcompile.spec.write import dump

GROUPS = (("archc", "about"), ("vars", "input", "defaults", "allow"), ("blocks",), ("shortcuts",),
          ("stem", "stages", "shortcut", "head", "outputs"), ("expect",))  # fmt: skip
Part = tuple[str, list[Form] | tuple[Block, range]]  # a list of steps, or units of a block


@dataclass(frozen=True, slots=True)
class Document:
    """The keys of a spec; `blocks` is how many block types it has."""

    keys: dict[str, Any]
    blocks: int

    def text(self, **more: Any) -> str:
        """As YAML, in groups with a line between; `more` are further keys."""
        keys = {**self.keys, **more}
        groups = [dump({key: keys[key] for key in group if keys.get(key)}) for group in GROUPS]
        return "\n".join(_apart(group) if group.startswith("blocks:") else group for group in groups if group)


def _apart(text: str) -> str:
    """The text of `blocks` with a line between each two."""
    head, first, *others = re.split(r"^(?=  \S)", text, flags=re.MULTILINE)
    return head + "\n".join([first, *others])


def flat(graph: LayerGraph, about: str) -> Document:
    """Every layer a step of the one list `stem`."""
    nodes = list(graph)
    labels = _labels(graph)
    writer = Writer(lambda node: attributes(node.op), "input", taken=set(labels.values()),
                    pinned=labels if len(labels) > 1 else {})  # fmt: skip
    writer.write(_straight(nodes))
    return _document(graph, about, [("stem", writer.forms)], [])


def _straight(nodes: list[Node]) -> Series:
    """Ops in a row as they are, all others as one tangle."""
    chained = all(node.inputs == (before.name,) for before, node in pairwise(nodes))
    return tuple(map(Single, nodes[1:])) if chained else (Tangle(tuple(nodes[1:]), nodes[0].name),)


def folded(graph: LayerGraph, about: str, most: int) -> Document:
    """With at most so many block types, fewer where fewer save lines."""
    atoms = with_padding(series(graph))
    found = cells(graph, atoms)
    shapes = [graph.input_shape, *(_last(cell).shape for cell in found)]
    several = len(graph.outputs) > 1
    foldable = next((n for n, cell in enumerate(found) if _ends(cell, graph)), len(found)) if several else len(found)
    chosen = covers(found[:foldable], shapes, most)
    _name_blocks(chosen)
    return _document(graph, about, _parts(graph, found, chosen, _labels(graph) if several else {}), chosen)


def _last(cell: Cell) -> Node:
    return list(leaves((cell.atom,)))[-1]


def _ends(cell: Cell, graph: LayerGraph) -> bool:
    return any(node.name in graph.outputs.values() for node in leaves((cell.atom,)))


def _labels(graph: LayerGraph) -> dict[str, str]:
    """A name for each output that may be written in a spec."""
    return {node: f"out_{number}" for number, node in enumerate(graph.outputs.values(), 1)}


def _name_blocks(chosen: Sequence[Cover]) -> None:
    """Names that say what a block does, in the order of their first use."""
    counts: dict[str, int] = {}
    for cover in sorted(chosen, key=lambda cover: cover.stretches[0]):
        kinds = {form.kind for form in all_forms(cover.block.forms)}
        smaller = any(unit.nodes[-1].shape[0] < unit.shape[0] for unit in cover.block.units)
        word = ("residual" if cover.block.rules else "branched" if kinds & {"concat", "add", "average"} else
                "transition" if smaller else "plain")  # fmt: skip
        counts[word] = counts.get(word, 0) + 1
        cover.block.name = word if counts[word] == 1 else f"{word}_{counts[word]}"


# ---- parts -----------------------------------------------------------------------------------------------------------


def _parts(graph: LayerGraph, found: list[Cell], chosen: Sequence[Cover], labels: dict[str, str]) -> list[Part]:
    """Stem, stages and head in order. `labels` names the nodes that are outputs of several."""
    starts: dict[int, tuple[int, Cover, range]] = {}
    for cover in chosen:
        for run in runs(cover.stretches):
            starts[cover.stretches[run[0]][0]] = (cover.stretches[run[-1]][1], cover, run)
    if not starts:
        return _unfolded(found, labels)
    parts: list[Part] = []
    lists = at = 0
    while at < len(found):
        if at in starts:
            at, cover, run = starts[at]
            parts.append(("", (cover.block, run)))
            continue
        end = next((n for n in range(at, len(found)) if n in starts), len(found))
        lists += at > 0 and end < len(found)
        name = "stem" if at == 0 else "head" if end == len(found) else f"t{lists}"
        parts.append((name, _written(found[at:end], labels)))
        at = end
    return parts


def _unfolded(found: list[Cell], labels: dict[str, str]) -> list[Part]:
    """Nothing repeats: a stage ends in each pool, where there are several, and the head begins where the map ends."""
    ops = [_last(cell).op for cell in found]
    head = next((n for n, op in enumerate(ops) if op.flattens or isinstance(op, Global)), len(found))
    ends = [n + 1 for n, op in enumerate(ops[:head]) if isinstance(op, Window)]
    if len(ends) < 2:
        ends = []
    edges = [0, *ends, *([head] if head not in (0, *ends) else [])]
    parts: list[Part] = []
    for number, (a, b) in enumerate(pairwise(edges), 1):
        parts.append((f"s{number}" if len(ends) > 1 else "stem", _written(found[a:b], labels)))
    return [*parts, ("head", _written(found[head:], labels))] if head < len(found) else parts


def _written(found: Sequence[Cell], labels: dict[str, str]) -> list[Form]:
    writer = Writer(lambda node: attributes(node.op), "input", taken=set(labels.values()), pinned=labels)
    writer.write(tuple(cell.atom for cell in found))
    return writer.forms


# ---- the keys --------------------------------------------------------------------------------------------------------


def _document(graph: LayerGraph, about: str, parts: list[Part], chosen: Sequence[Cover]) -> Document:
    blocks = [cover.block for cover in sorted(chosen, key=lambda cover: cover.stretches[0])]
    _choose(chosen)
    rules = _common_rules(blocks)
    _choose(chosen)  # with the names that the rules have now
    lists = [content for _, content in parts if isinstance(content, list)]
    bodies = [*lists, *(made.forms for made in blocks), *(rule.forms for rule in rules)]
    common = defaults(form for forms in bodies for form in all_forms(forms))
    shortcut = _usual(blocks)
    keys: dict[str, Any] = {"archc": 1, "about": about, "input": list(graph.input_shape), "defaults": common}
    keys["blocks"] = {b.name: yaml_form.block(b, _where(b), common) for b in blocks}
    keys["shortcuts"] = {rule.name: yaml_form.rule(rule, common) for rule in rules}
    keys["stages"] = {}
    rows = 0
    for name, content in parts:
        if isinstance(content, list):
            written = yaml_form.steps(content, common)
            if name in ("stem", "head"):
                keys[name] = written
            else:
                keys["stages"][name] = written
        else:
            made, run = content
            for row in rows_of(made, run):
                rows += 1
                keys["stages"][f"s{rows}"] = yaml_form.row(row, made, shortcut)
    if shortcut is not None:
        keys["shortcut"] = shortcut
    if len(graph.outputs) > 1:
        keys["outputs"] = _outputs(graph, parts)
    else:
        _classes(keys)
    return Document(keys, len(blocks))


def _outputs(graph: LayerGraph, parts: list[Part]) -> dict[str, str]:
    names = {form.name: part for part, content in parts if isinstance(content, list) for form in all_forms(content)}
    return {label: f"{names[label]}.{label}" for label in _labels(graph).values()}


def _classes(keys: dict[str, Any]) -> None:
    """The number of classes as a variable, which is what people change first."""
    part = "head" if "head" in keys else "stem"
    last = keys.get(part, [None])[-1]
    if isinstance(last, dict) and isinstance(last.get("dense", {}).get("units"), int) and "repeat" not in last["dense"]:
        keys["vars"] = {"classes": last["dense"]["units"]}
        last["dense"]["units"] = "$classes"


def _where(found: Block) -> str:
    first, last = found.units[0].nodes[0], found.units[0].nodes[-1]
    join = found.units[0].join
    last = join.merge if join is not None and found.units[0].place == len(found.units[0].items) else last
    return f"As the layers {first.name} to {last.name}"


def _usual(blocks: Sequence[Block]) -> Any:
    """The choice of a shortcut that most units have."""
    counts: dict[str, int] = {}
    choices: dict[str, Any] = {}
    for choice in (choice for made in blocks for choice in made.choices):
        if choice is not None and choice != NONE:
            counts[repr(choice)] = counts.get(repr(choice), 0) + 1
            choices[repr(choice)] = choice
    return choices[max(counts, key=lambda key: counts[key])] if counts else None


def _common_rules(blocks: Sequence[Block]) -> list[Rule]:
    """The rules of all blocks; the same rule of two blocks is one, different ones of one name get another."""
    found: dict[str, tuple[Any, Rule]] = {}
    for made in blocks:
        for rule in made.rules:
            body, name, count = yaml_form.rule(rule, {}), rule.name, 1
            while name in found and found[name][0] != body:
                count += 1
                name = f"{rule.name}_{count}"
            found.setdefault(name, (body, rule))
            rule.name = name
    return [rule for _, rule in found.values()]


def _choose(chosen: Sequence[Cover]) -> None:
    """The choices of rules, now that the place of each unit among all that join is known."""
    joining = [cover for cover in chosen if cover.block.rules]
    order = sorted(stretch for cover in joining for stretch in cover.stretches)
    for cover in joining:
        cover.block.choose([order.index(stretch) + 1 for stretch in cover.stretches], len(order))
