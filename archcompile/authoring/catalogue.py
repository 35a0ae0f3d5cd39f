"""What ships: every spec with a line about it, under the spec it comes from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from archcompile.errors import UsageError, nearest
from archcompile.shipped import shipped_specs
from archcompile.spec.language import Reach, shown_path
from archcompile.spec.yaml import expect_map, expect_text, parse, read_text

GLOB = re.compile(r"[*?[]")


@dataclass(frozen=True, slots=True)
class Shipped:
    """A shipped spec. `family` is the one it extends in the end, or itself."""

    name: str
    family: str
    about: str


def list_shipped() -> list[Shipped]:
    """All shipped specs by family, its first member at the head; numbers in names sort by value."""
    read = {name: _heading(path) for name, path in shipped_specs().items()}
    parents = {name: parent for name, (parent, _) in read.items()}
    specs = [Shipped(name, _family(name, parents), about) for name, (_, about) in read.items()]
    return sorted(specs, key=lambda s: (_natural(s.family), s.name != s.family, _natural(s.name)))


def matching(specs: Sequence[Shipped], pattern: str) -> list[Shipped]:
    """Those with `pattern` in their name or description, whatever the case of its letters.

    With `*`, `?` or `[` it is a pattern for the whole of either. Raises UsageError where none is
    left.
    """
    lowered = pattern.lower()
    form = lowered if GLOB.search(lowered) else f"*{lowered}*"

    def is_meant(text: str) -> bool:
        return fnmatchcase(text.lower(), form)

    left = [spec for spec in specs if is_meant(spec.name) or is_meant(spec.about)]
    if not left:
        likely = nearest(pattern, [spec.name for spec in specs])
        raise UsageError(
            f"no shipped spec has '{pattern}' in its name or description",
            hint=f"did you mean `{likely}`?" if likely else "`archc list` shows all",
        )
    return left


def _heading(path: Path) -> tuple[str | None, str]:
    """(the name of the shipped spec it extends, what it says it is)."""
    parsed = parse(read_text(path), shown_path(path))
    tree = expect_map(parsed, "a spec")
    about = expect_text(tree["about"], "`about`") if "about" in tree else ""
    if "extends" not in tree:
        return None, about
    target = expect_text(tree["extends"], "`extends`")
    return Reach.of(path).follow(target, path, tree["extends"].at).stem, about


def _family(name: str, parents: dict[str, str | None]) -> str:
    seen = {name}
    while (parent := parents.get(name)) is not None and parent not in seen:
        name = parent
        seen.add(name)
    return name


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers in a name by their value: v1_20 before v1_110."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
