"""One spec written as several files and settings that mean the same (docs/language.md, section
6).
"""

import copy
import posixpath

from .changes import CHANGES, FIRST_CHANGES
from .draw import Draw
from .files import NOT_INHERITED, Files, Spec, dump

MAIN = "spec.yaml"


def split(spec: Spec, seed: int, *, levels: int = 2) -> tuple[dict[str, str], list[str]]:
    """Texts by file name, `spec.yaml` the one to compile, and settings for `--set`."""
    draw = Draw(f"split {seed}")
    files: dict[str, str] = {}
    sets: list[str] = []
    name, whole = MAIN, copy.deepcopy(spec)
    for level in range(1, draw.between(1, levels) + 1):
        parent_name = (
            draw.choose([f"parent{level}.yaml", f"below/parent{level}.yaml"])
            if level == 1
            else f"parent{level}.yaml"
        )
        pair = divide(whole, draw, first=level == 1)
        pair.child = {"archc": 1, "extends": written_from(name, parent_name, draw), **pair.child}
        files[name] = dump(pair.child, draw)
        for library, text in pair.libraries.items():
            files[posixpath.join(posixpath.dirname(name), library)] = dump(text, draw)
        sets += pair.sets
        name, whole = parent_name if level == 1 else f"below/{parent_name}", pair.parent
        if "/" not in name:
            break
    files[name] = dump(whole, draw)
    return files, sets


def written_from(file: str, target: str, draw: Draw) -> str:
    """`target` as a file names it: beside it, or below its folder."""
    return draw.choose([target, f"./{target}"])


def divide(spec: Spec, draw: Draw, *, first: bool) -> Files:
    kept = {key: value for key, value in spec.items() if key not in NOT_INHERITED}
    files = Files(
        parent={"archc": 1, **copy.deepcopy(kept)},
        child={key: spec[key] for key in NOT_INHERITED[1:] if key in spec},
    )
    changes = [*CHANGES, *FIRST_CHANGES] if first else CHANGES
    for change in draw.some(changes, draw.between(2, 7)):
        change(files, spec, draw)
    if draw.chance(0.2):
        files.parent["expect"] = {"params": 1}
    if files.remove:
        files.child["remove"] = files.remove
    return files
