"""The language as a tree of slots: what may stand at each path of a file.

A slot says what a value at its path is. `slot_at` walks a path from the file on; it asks for the
block that a row names, since its arguments are keys there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from archcompile.editor.words import Path
from archcompile.ops import REGISTRY
from archcompile.spec.language import SPLIT

BlockOf = Callable[[Path], str]  # the block that the row at a path uses

_OF_FILE = {
    "archc": "version",
    "about": "text",
    "name": "text",
    "extends": "parent",
    "remove": "removed",
    "uses": "libraries",
    "vars": "variables",
    "input": "size",
    "defaults": "defaults",
    "shortcut": "choice",
    "stem": "steps",
    "stages": "stages",
    "head": "steps",
    "outputs": "outputs",
    "expect": "claims",
    "train": "recipe",
    "allow": "codes",
    "blocks": "blocks",
    "shortcuts": "rules",
}
_OF_DEFINITION = {
    "about": "text",
    "label": "label",
    "inputs": "inputs",
    "changes_shape": "truth",
    "args": "arguments",
    "body": "steps",
    "allow": "codes",
}
OF_STEP = {
    "name": "point name",
    "from": "point",
    "if": "condition",
    "allow": "codes",
}
OF_OP = {"repeat": "count"}
OF_MERGE = {"with": "points", "branches": "branches"}
OF_SIZED = {"with": "points"}
OF_ROW = {
    "with": "points",
    "repeat": "count",
    "first": "edge",
    "last": "edge",
    "shortcut": "choice",
    "defaults": "defaults",
    "allow": "codes",
}
OF_STAGE = {"block": "block", "after": "stage name", "steps": "steps"}
# what an item of a list is
_ITEMS = {
    "libraries": "library",
    "removed": "removed path",
    "codes": "code",
    "size": "dimension",
    "points": "point",
    "inputs": "point name",
    "parts of a split": "point name",
    "steps": "step",
    "stage": "step",
    "definition": "step",
    "attribute": "attribute",
    "argument": "argument",
    "options": "text",
    "claim": "claim",
    "shape": "shape",
}
# what every key of a map leads to
_ENTRIES = {
    "variables": "variable",
    "stages": "stage",
    "outputs": "output",
    "shapes": "shape",
    "branches": "steps",
    "defaults": "kind defaults",
    "choice": "rule arguments",
    "arguments": "argument form",
    "steps": "changed step",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What may stand at a path.

    `name` is that of the op, block, rule, stage or key that it belongs to, `key` its own; `shelf`
    and `body` are the definition around it, `part` the stem, stage or head.
    """

    kind: str
    name: str = ""
    key: str = ""
    shelf: str = ""
    body: str = ""
    part: str = ""

    @property
    def scope(self) -> tuple[str, str]:
        """The list whose points are seen here."""
        return (self.shelf, self.body) if self.body else ("", self.part)


FILE = Slot(kind="file")
NOTHING = Slot(kind="nothing")


def slot_at(path: Path, block_of: BlockOf) -> Slot:
    slot = FILE
    for depth, part in enumerate(path, 1):
        slot = (
            _item(slot)
            if isinstance(part, int)
            else _entry(slot, part, path[:depth], block_of=block_of)
        )
    return slot


def _item(slot: Slot) -> Slot:
    kind = _ITEMS.get(slot.kind)
    return replace(slot, kind=kind) if kind else NOTHING


def _entry(slot: Slot, key: str, path: Path, *, block_of: BlockOf) -> Slot:
    """What a key leads to; `path` ends in the key."""
    slot = replace(slot, key=key)
    match slot.kind:
        case "file":
            return _of_file(slot, key)
        case "blocks" | "rules":
            shelf = "blocks" if slot.kind == "blocks" else "shortcuts"
            return replace(slot, kind="definition", name=key, shelf=shelf, body=key)
        case "definition":
            return replace(slot, kind=_OF_DEFINITION.get(key, "nothing"))
        case "stages":
            return replace(slot, kind="stage", part=key, name=block_of(path))
        case "step" | "changed step":
            return replace(slot, kind="attributes", name=key)
        case "attributes":
            return _of_attributes(slot, key)
        case "stage":
            return _of_row(slot, key, {**OF_STAGE, **OF_ROW})
        case "edge":
            return _of_row(slot, key, {"shortcut": "choice"})
        case "rule arguments":
            return replace(slot, kind="argument")
        case "kind defaults":
            return replace(slot, kind="attribute" if slot.name in REGISTRY else "argument")
        case "claims":
            return replace(slot, kind="shapes" if key == "shapes" else "claim")
        case "argument form":
            return replace(slot, kind="options")
        case "parts of a split":
            return replace(slot, kind="part size")
    kind = _ENTRIES.get(slot.kind, "nothing")
    is_named = kind in ("kind defaults", "rule arguments", "changed step")
    return replace(slot, kind=kind, name=key if is_named else slot.name)


def _of_file(slot: Slot, key: str) -> Slot:
    part = key if key in ("stem", "head") else ""
    return replace(slot, kind=_OF_FILE.get(key, "nothing"), part=part)


def _of_attributes(slot: Slot, key: str) -> Slot:
    if key in OF_STEP:
        return replace(slot, kind=OF_STEP[key])
    if slot.name == "shortcut":
        return replace(slot, kind="choice" if key == "rule" else "nothing")
    if slot.name == SPLIT:
        return replace(slot, kind="parts of a split" if key == "parts" else "nothing")
    if slot.name not in REGISTRY:
        return _of_row(slot, key, OF_ROW)
    op = REGISTRY[slot.name]
    keys = OF_OP
    if op.arity[0] > 1:
        keys = OF_OP | OF_MERGE
    elif op.sized_by:
        keys = OF_OP | OF_SIZED
    return replace(slot, kind=keys.get(key, "attribute"))


def _of_row(slot: Slot, key: str, keys: dict[str, str]) -> Slot:
    """A key of a row or of its first or last unit; what is none of the row's is an argument."""
    return replace(slot, kind=keys.get(key, "argument"))
