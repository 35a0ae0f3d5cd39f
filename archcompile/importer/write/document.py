"""A spec from a graph: blocks where it repeats, lists of steps where it does not, as the keys of a
YAML file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.graph import LayerGraph
from archcompile.importer.fold import (
    BRANCHED,
    CONV_BN,
    NONE,
    PLAIN,
    RESIDUAL,
    TRANSITION,
    Block,
    Cover,
    Part,
    Rule,
    all_forms,
    cells,
    covers,
    flat_part,
    idiom,
    outputs,
    parts,
    trunk,
    with_padding,
)
from archcompile.importer.write import yaml_form
from archcompile.importer.write.defaults import Defaults, defaults
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
        groups = [dump({key: keys[key] for key in group if keys.get(key)}) for group in GROUPS]
        return "\n".join(
            _apart(group) if group.startswith("blocks:") else group for group in groups if group
        )


def _apart(text: str) -> str:
    """The text of `blocks` with a line between each two."""
    head, first, *others = re.split(r"^(?=  \S)", text, flags=re.MULTILINE)
    return head + "\n".join([first, *others])


def flat(graph: LayerGraph, about: str) -> Document:
    """Every layer a step of the one list `stem`."""
    return _document(graph, about, [flat_part(graph)])


def folded(graph: LayerGraph, about: str, most: int) -> Document:
    """With at most so many block types, fewer where fewer save lines."""
    main = trunk(graph)
    found = cells(graph, with_padding(main.atoms), main.taps)
    shapes = [graph.input_shape, *(cell.last.shape for cell in found)]
    chosen = sorted(covers(found, shapes, most), key=lambda cover: cover.stretches[0])
    _name_blocks(chosen)
    rules = _rules(chosen)
    return _document(
        graph,
        about,
        parts(graph, found, main.rest, covers=chosen),
        blocks=[cover.block for cover in chosen],
        rules=rules,
    )


def _name_blocks(chosen: Sequence[Cover]) -> None:
    """Names that say what a block does, in the order of their first use."""
    counts: dict[str, int] = {}
    for cover in chosen:
        kinds = {form.kind for form in all_forms(cover.block.forms)}
        smaller = all(unit.nodes[-1].shape[0] < unit.shape[0] for unit in cover.block.units)
        word = (
            RESIDUAL
            if cover.block.rules
            else BRANCHED
            if kinds & {"concat", "add", "average"}
            else TRANSITION
            if smaller
            else PLAIN
        )
        counts[word] = counts.get(word, 0) + 1
        cover.block.name = word if counts[word] == 1 else f"{word}_{counts[word]}"


# ---- the keys ------------------------------------------------------------------------------------


def _document(
    graph: LayerGraph,
    about: str,
    found: Sequence[Part],
    *,
    blocks: Sequence[Block] = (),
    rules: Sequence[Rule] = (),
) -> Document:
    lists = [part.content for part in found if isinstance(part.content, list)]
    bodies = [*lists, *(made.forms for made in blocks), *(rule.forms for rule in rules)]
    three = idiom(bodies) if blocks else None
    bodies += [three.forms] if three else []
    common = defaults(form for forms in bodies for form in all_forms(forms))
    shortcut = _usual(blocks)
    keys: dict[str, Any] = {
        "archc": 1,
        "about": about,
        "input": list(graph.input_shape),
        "defaults": common,
    }
    keys["blocks"] = {CONV_BN: yaml_form.idiom(three, common)} if three else {}
    keys["blocks"] |= {made.name: yaml_form.block(made, _where(made), common) for made in blocks}
    keys["shortcuts"] = {rule.name: yaml_form.rule(rule, common) for rule in rules}
    written = {part.name: _written(part, common, shortcut) for part in found}
    keys |= {name: written.pop(name) for name in ("stem", "head") if name in written}
    keys |= {"stages": written, "shortcut": shortcut}
    if len(graph.outputs) > 1:
        keys["outputs"] = _outputs(graph, found)
    else:
        _classes(keys)
    return Document(keys, len(keys["blocks"]))


def _written(part: Part, common: Defaults, shortcut: Any) -> Any:
    if isinstance(part.content, list):
        return yaml_form.steps(part.content, common)
    made, row = part.content
    return yaml_form.row(row, made, shortcut)


def _outputs(graph: LayerGraph, found: Sequence[Part]) -> dict[str, str]:
    names = {
        form.name: part.name
        for part in found
        if isinstance(part.content, list)
        for form in all_forms(part.content)
    }
    ends = {part.end: part.name for part in found}
    return {
        label: f"{names[label]}.{label}" if label in names else ends[node]
        for node, label in outputs(graph).items()
    }


def _classes(keys: dict[str, Any]) -> None:
    """The number of classes as a variable, which is what people change first."""
    part = "head" if "head" in keys else "stem"
    last = keys.get(part, [None])[-1]
    if (
        isinstance(last, dict)
        and isinstance(last.get("dense", {}).get("units"), int)
        and "repeat" not in last["dense"]
    ):
        keys["vars"] = {"classes": last["dense"]["units"]}
        last["dense"]["units"] = "$classes"


def _where(found: Block) -> str:
    first, last = found.units[0].nodes[0], found.units[0].nodes[-1]
    join = found.units[0].join
    last = (
        join.merge
        if join is not None and found.units[0].place == len(found.units[0].items)
        else last
    )
    return f"As the layers {shortened(first.name)} to {shortened(last.name)}"


def shortened(name: str) -> str:
    """A name of the model's, as much of it as anybody reads."""
    return name if len(name) <= LONG else f"{name[: LONG - 1]}…"


def _usual(blocks: Sequence[Block]) -> Any:
    """The choice of a shortcut that most units have."""
    counts: dict[str, int] = {}
    choices: dict[str, Any] = {}
    for choice in (choice for made in blocks for choice in made.choices):
        if choice is not None and choice != NONE:
            counts[repr(choice)] = counts.get(repr(choice), 0) + 1
            choices[repr(choice)] = choice
    return choices[max(counts, key=lambda key: counts[key])] if counts else None


def _rules(chosen: Sequence[Cover]) -> list[Rule]:
    """The rules of all blocks; the same rule of two blocks is one, different ones of one name get
    another.
    """
    _choose(chosen)
    found: dict[str, tuple[Any, Rule]] = {}
    for rule in (rule for cover in chosen for rule in cover.block.rules):
        body, name, count = yaml_form.rule(rule, {}), rule.name, 1
        while name in found and found[name][0] != body:
            count += 1
            name = f"{rule.name}_{count}"
        found.setdefault(name, (body, rule))
        rule.name = name
    _choose(chosen)  # with the names that the rules have now
    return [rule for _, rule in found.values()]


def _choose(chosen: Sequence[Cover]) -> None:
    """The choices of rules, now that the place of each unit among all that join is known."""
    joining = [cover for cover in chosen if cover.block.rules]
    order = sorted(stretch for cover in joining for stretch in cover.stretches)
    place = {stretch: number for number, stretch in enumerate(order, 1)}
    for cover in joining:
        cover.block.choose([place[stretch] for stretch in cover.stretches], len(order))
