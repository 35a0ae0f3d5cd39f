"""What each code means, why it matters, and a short wrong spec with its remedy.

The texts of `archc explain CODE` are the Markdown files beside this one: `# group`, `## code`, a
line that sums up, why, and two examples. An example leaves out `archc: 1` and `input: [8, 8, 3]`
where it says neither; its first line may be `# --set K=V`. One with an `optimizer` is a recipe, and
may begin with `# --spec NAME`, the network that it is checked with. Imports nothing; gives
`entries` to the command line.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FRAME = ("archc: 1\n", "input: [8, 8, 3]\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One code. `wrong` and `right` are examples, empty for codes that no spec can have."""

    code: str
    group: str
    summary: str
    text: str
    wrong: str
    right: str


@cache
def entries() -> dict[str, Entry]:
    """All codes, in the order of the files."""
    by_code: dict[str, Entry] = {}
    for path in sorted(Path(__file__).parent.glob("*.md")):
        head, *sections = path.read_text(encoding="utf-8").split("\n## ")
        group = _title(head)
        for section in sections:
            body, *after = re.split(r"\n# (?!--)", section)
            entry = _entry(body, group)
            by_code[entry.code] = entry
            group = _title(after[-1]) if after else group
    return by_code


def _title(head: str) -> str:
    return head.split("\n")[0].removeprefix("# ")


def _entry(section: str, group: str) -> Entry:
    code, summary, rest = [*section.split("\n", 2), "", ""][:3]
    examples = dict(re.findall(r"```yaml (wrong|right)\n(.*?)```", rest, re.DOTALL))
    text = rest.split("```")[0].replace("\n", " ").strip()
    return Entry(
        code=code.strip(),
        group=group,
        summary=summary,
        text=text,
        wrong=examples.get("wrong", ""),
        right=examples.get("right", ""),
    )


def frame_example(example: str) -> tuple[str, list[str]]:
    """An example as a whole spec or recipe, and the settings it is compiled with."""
    sets = re.findall(r"^# --set (.+)$", example, re.MULTILINE)
    has_input = re.search(r"^(input|extends|optimizer):", example, re.MULTILINE)
    text = ("" if "archc:" in example else FRAME[0]) + ("" if has_input else FRAME[1]) + example
    return text, sets
