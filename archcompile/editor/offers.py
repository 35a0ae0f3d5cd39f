"""What may be written in a slot: keys, names and values, without a place yet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from archcompile.analyses import figures
from archcompile.editor.analysis import Analysis
from archcompile.editor.hovers import argument_in_words
from archcompile.editor.key_words import KeyWords, attribute_words_of, keys_of_slot, op_about
from archcompile.editor.language_words import BRANCH, POINT_WORDS, SHORTCUT, STEP_WORDS
from archcompile.editor.names import FACTS
from archcompile.editor.slots import Slot
from archcompile.editor.surroundings import ArgumentForm, Definition
from archcompile.editor.words import Path
from archcompile.explain import entries
from archcompile.ops import REGISTRY, example
from archcompile.shipped import shipped_files
from archcompile.spec.expressions import (
    FACT_MEANINGS,
    RULE_FACTS,
    SHAPE_FACTS,
    TURN_FACTS,
    UNIT_FACTS,
)
from archcompile.spec.language import (
    BLOCK_INPUT,
    INPUT,
    PREVIOUS,
    REMARKS,
    SPLIT,
    WARNINGS,
    SpecFile,
)
from archcompile.spec.loading import TYPES
from archcompile.spec.yaml import flow

LISTS_AND_MAPS = ("stem", "head", "stages", "vars", "blocks", "shortcuts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A word that may be written; `value` is what stands behind a key at first.

    `is_needed`: where it may be written, it must be.
    """

    word: str
    kind: str
    detail: str = ""
    about: str = ""
    value: str | None = None
    is_needed: bool = False


# ---- keys ----------------------------------------------------------------------------------------


def keys_offered(analysis: Analysis, slot: Slot, path: Path) -> Iterator[Offer]:
    """The keys that a map in a slot may have, but for those that are there."""
    present = set(analysis.reading.children.get(path, ()))
    if slot.kind == "stage":
        present |= _keys_without_use(analysis, present)
    for offer in _keys(analysis, slot):
        if offer.word not in present:
            yield offer


def _keys_without_use(analysis: Analysis, present: set[str | int]) -> set[str]:
    """A stage has a place of its own only in a child, and either steps or a block."""
    if len(analysis.surroundings.chain) == 1:
        return {"after", "steps"}
    return {"steps"} if present - {"after"} else set()


def _keys(analysis: Analysis, slot: Slot) -> Iterator[Offer]:
    seen = analysis.surroundings
    needed, words = _needed_attributes(slot), keys_of_slot(slot, analysis.kind)
    for key in dict.fromkeys((*needed, *words)):
        kind = "attribute" if slot.name in REGISTRY else "key"
        yield replace(_key(key, words[key], kind), is_needed=key in needed)
    match slot.kind:
        case "stage" | "attributes" | "edge" if slot.name not in REGISTRY:
            definition = seen.definition("blocks", slot.name)
            yield from _arguments(definition)
        case "kind defaults" if slot.name not in REGISTRY:
            yield from _arguments(seen.definition("blocks", slot.name))
        case "rule arguments":
            yield from _arguments(seen.definition("shortcuts", slot.name))
        case "step":
            yield from steps_offered(analysis, slot)
        case "defaults":
            for offer in steps_offered(analysis, slot):
                if offer.word not in STEP_WORDS:
                    yield replace(offer, value="")
        case "choice":
            yield from _rules(analysis)
        case "shapes":
            yield from (Offer(word=name, kind="part") for name in _parts(analysis))


def _key(key: str, words: KeyWords, kind: str) -> Offer:
    default = f"{flow(words.default)} unless given" if words.has_default else ""
    return Offer(word=key, kind=kind, detail=default, about=words.about, value="")


def _needed_attributes(slot: Slot) -> tuple[str, ...]:
    """The attributes that a step must be given, as they are written; `defaults` needs none."""
    if slot.kind != "attributes" or slot.name not in REGISTRY:
        return ()
    written = example(REGISTRY[slot.name])
    return tuple(written[slot.name]) if isinstance(written, dict) else ()


def _arguments(definition: Definition | None) -> Iterator[Offer]:
    for argument in definition.arguments.values() if definition else ():
        yield Offer(
            word=argument.name,
            kind="argument",
            detail=argument_in_words(argument),
            value="",
            is_needed=argument.written in TYPES,
        )


def steps_offered(analysis: Analysis, slot: Slot) -> Iterator[Offer]:
    """Ops, blocks and, in a block, `shortcut`: as words, or keys where they need attributes."""
    for kind, op in REGISTRY.items():
        written = example(op)
        value = flow(written[kind]) if isinstance(written, dict) else None
        yield Offer(word=kind, kind="op", about=op_about(kind), value=value)
    for name, block in analysis.surroundings.definitions["blocks"].items():
        if name != slot.body:
            yield _block(name, block)
    parts = "{parts: [left, right]}"
    yield Offer(word=SPLIT, kind="key", about=STEP_WORDS[SPLIT], value=parts)
    if slot.shelf == "blocks":
        yield Offer(word=SHORTCUT, kind="key", about=STEP_WORDS[SHORTCUT])


def _block(name: str, block: Definition) -> Offer:
    """A block as a step, with the arguments that it must be given."""
    needed = ["with"] if block.inputs else []
    needed += [each.name for each in block.arguments.values() if each.written in TYPES]
    value = "{" + ", ".join(f"{name}: " for name in needed) + "}" if needed else None
    return Offer(word=name, kind="block", about=block.about, value=value)


def _rules(analysis: Analysis) -> Iterator[Offer]:
    for name, rule in analysis.surroundings.definitions["shortcuts"].items():
        yield Offer(word=name, kind="rule", about=rule.about)


def _parts(analysis: Analysis) -> tuple[str, ...]:
    return ("stem", *analysis.surroundings.stages, "head")


# ---- values --------------------------------------------------------------------------------------


def values_offered(analysis: Analysis, slot: Slot, path: Path) -> Iterator[Offer]:
    """The words that a value in a slot may be."""
    seen = analysis.surroundings
    match slot.kind:
        case "block":
            for name, block in seen.definitions["blocks"].items():
                yield Offer(word=name, kind="block", about=block.about)
        case "step":
            yield from steps_offered(analysis, slot)
        case "choice":
            yield from _rules(analysis)
            yield Offer(word="none", kind="rule", about="No shortcut: the branch alone.")
        case "point" | "points":
            yield from _points(analysis, slot, path)
        case "stage name":
            yield from (Offer(word=name, kind="part") for name in ("stem", *seen.stages))
        case "output":
            yield from _outputs(analysis)
        case "code":
            for code in (*WARNINGS, *REMARKS):
                yield Offer(word=code, kind="code", about=entries()[code].summary)
        case "recipe":
            yield from (Offer(word=name, kind="file") for name in shipped_files("recipe"))
        case "library" | "parent":
            yield from _files(analysis, slot.kind)
        case "argument form":
            yield from (Offer(word=word, kind="type") for word in TYPES)
        case "claim":
            yield from _claims(analysis, slot.key)
        case "attribute" if slot.name in REGISTRY:
            yield from _options(attribute_words_of(slot.name, slot.key))
        case "argument":
            yield from _choices(analysis, slot)
        case "truth":
            yield from (Offer(word=word, kind="value") for word in ("true", "false"))
        case "removed path":
            yield from _removable(analysis)


def _options(words: KeyWords | None) -> Iterator[Offer]:
    for option in words.options if words else ():
        is_default = bool(words and words.has_default and words.default == option)
        yield Offer(word=flow(option), kind="value", detail="default" if is_default else "")


def _choices(analysis: Analysis, slot: Slot) -> Iterator[Offer]:
    """The words of a choice argument, or true and false."""
    for shelf in ("blocks", "shortcuts"):
        definition = analysis.surroundings.definition(shelf, slot.name)
        argument = definition.arguments.get(slot.key) if definition else None
        if argument:
            yield from (Offer(word=word, kind="value") for word in _words_of(argument))
            return


def _words_of(argument: ArgumentForm) -> tuple[str, ...]:
    is_truth = argument.written in ("true", "false", "bool")
    return ("true", "false") if is_truth else argument.options


def _points(analysis: Analysis, slot: Slot, path: Path) -> Iterator[Offer]:
    """The points above a step in its list, and parts above its part."""
    reading = analysis.reading
    words = [INPUT]
    words += [BLOCK_INPUT] if "branches" in path else []
    words += [BRANCH] if slot.shelf == "shortcuts" else []
    words += [PREVIOUS] if path[:1] == ("stages",) and "with" in path[2:3] else []
    yield from (Offer(word=word, kind="point", about=POINT_WORDS[word]) for word in words)
    if not slot.body:
        names = _parts(analysis)
        until = names.index(slot.part) if slot.part in names else 0
        yield from (Offer(word=name, kind="part") for name in names[:until])
    place = reading.value_spans.get(path)
    for word in reading.words:
        inner = analysis.surroundings.slot(word.path[:-1] if word.is_key else word.path)
        naming = "parts of a split" if word.is_key else "point name"
        is_name = inner.kind == naming and inner.scope == slot.scope
        is_above = place is None or word.span < place
        if is_name and is_above and not _is_beside(word.path, path):
            yield Offer(word=word.text, kind="point")


def _is_beside(name: Path, path: Path) -> bool:
    """Whether a name stands in a sibling branch, or in the step itself."""
    for depth in range(min(len(name), len(path))):
        if name[depth] != path[depth]:
            return depth > 0 and path[depth - 1] == "branches"
        if isinstance(name[depth], int) and name[depth + 1 :][1:] == ("name",):
            return True
    return False


def _outputs(analysis: Analysis) -> Iterator[Offer]:
    yield from (Offer(word=name, kind="part") for name in _parts(analysis))
    for file in analysis.surroundings.chain:
        for word in file.reading.values.values():
            if word.path[-1:] == ("name",) and word.path[0] in ("stem", "head", "stages"):
                part = word.path[1] if word.path[0] == "stages" else word.path[0]
                yield Offer(word=f"{part}.{word.text}", kind="point")


def _files(analysis: Analysis, kind: str) -> Iterator[Offer]:
    """What ships, and what lies beside the file."""
    shelf = "library" if kind == "library" else "spec"
    prefix = "blocks/" if kind == "library" else ""
    for name in shipped_files("library" if kind == "library" else "spec"):
        suffix = ".yaml" if kind == "library" else ""
        yield Offer(word=f"{prefix}{name}{suffix}", kind="file", detail=f"{shelf} that ships")
    folder = analysis.file.parent
    for path in sorted(folder.glob("*.yaml"))[:200] if folder.is_dir() else ():
        if path != analysis.file:
            yield Offer(word=f"./{path.name}", kind="file", detail="beside this file")


def _claims(analysis: Analysis, key: str) -> Iterator[Offer]:
    """What holds of the network now."""
    compiled = analysis.newest
    known = figures(compiled.graph, lambda: compiled.sums) if compiled else {}
    if key in known:
        yield Offer(word=flow(known[key]()), kind="value", detail="as it is now")


def _removable(analysis: Analysis) -> Iterator[Offer]:
    for parent in analysis.surroundings.chain[1:]:
        for word in parent.reading.words:
            if word.is_key and len(word.path) <= 2 and word.path[0] in SpecFile.model_fields:
                yield Offer(word=".".join(map(str, word.path)), kind="path")


# ---- names in expressions ------------------------------------------------------------------------


def names_offered(analysis: Analysis, slot: Slot, path: Path) -> Iterator[Offer]:
    """The names that an expression in a slot sees: arguments or variables, and facts."""
    seen = analysis.surroundings
    if slot.body:
        definition = seen.definition(slot.shelf, slot.body)
        for argument in definition.arguments.values() if definition else ():
            yield Offer(word=argument.name, kind="argument", detail=argument_in_words(argument))
        for fact in definition.facts_of_inputs if definition else ():
            yield Offer(word=fact, kind="fact")
    else:
        variables = list(seen.variables)
        if slot.kind == "variable" and slot.key in variables:
            keys = [name for name in variables if ("vars", name) in analysis.reading.keys]
            variables = keys[: keys.index(slot.key)] if slot.key in keys else variables
        for name in variables:
            yield Offer(word=name, kind="variable", detail=seen.variables[name][1])
    for fact in _facts(slot, path):
        yield Offer(word=fact, kind="fact", about=FACT_MEANINGS[fact])


def _facts(slot: Slot, path: Path) -> tuple[str, ...]:
    """The facts that are known in a slot."""
    first = path[0] if path else ""
    turns = TURN_FACTS if slot.kind in ("attribute", "argument") and first != "stages" else ()
    if slot.body:
        rule = RULE_FACTS if slot.shelf == "shortcuts" else ()
        return (*SHAPE_FACTS, *UNIT_FACTS, *turns, *rule)
    if first == "stages" and slot.kind == "argument":
        return (*SHAPE_FACTS, *UNIT_FACTS)
    if first in ("stem", "head", "stages"):
        return (*SHAPE_FACTS, *turns)
    return ()


__all__ = ["FACTS", "Offer", "keys_offered", "names_offered", "steps_offered", "values_offered"]
