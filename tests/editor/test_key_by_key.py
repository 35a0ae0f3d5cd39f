"""Random edits of shipped specs, key by key: every question is answered after every key."""

import gc
import random
from pathlib import Path

import pytest

from archcompile.editor import (
    Position,
    Workspace,
    complete,
    describe,
    find_definition,
    find_problems,
    list_folds,
    list_hints,
    map_lines,
    outline,
    summarise,
)
from archcompile.errors import UsageError
from tests.editor.editing import position

SEED = 20261130
EDITS, MANY = 200, 5_000
MEGABYTES = 32  # that the process may grow by, once it has seen most files
# small nets of every kind of file: what is tried is the text, not the size of the net
SPECS = (
    *("resnet_v1", "resnet_v1_20", "resnet_50_fpn", "googlenet", "highway_19"),
    *("keras_mobilenet_v2", "blocks/residual", "blocks/shortcuts"),
    *("recipes/article", "experiments/fast"),
)
KEYS = (
    *("\n", " ", "  ", "-", ":", ": ", "- ", "{", "}", "[", "]", ",", "$", "(", ")", "#"),
    *(
        "'",
        '"',
        "\t",
        "\0",
        "é",
        "\u2028",
        "0",
        "9",
        "a",
        "n",
        "conv",
        "bn",
        "$n",
        "none",
        "x" * 300,
    ),
)


def ask_everything(workspace: Workspace, file: Path, at: Position) -> None:
    """Asks every question; an answer must lie within the text that it is about."""
    analysis = workspace.analyse(file)
    assert workspace.analyse(file) is analysis, "nothing is computed twice for one text"
    assert analysis.text_findings == tuple(analysis.text_findings)
    lines = len(analysis.reading.lines)
    for finding in find_problems(analysis):
        assert 1 <= finding.span.start.line <= lines + 1
    hints = list_hints(analysis, 1, lines)
    assert all(hint.position.line <= lines for hint in hints)
    describe(analysis, at)
    complete(analysis, at)
    find_definition(analysis, at)
    outline(analysis)
    list_folds(analysis)
    summarise(analysis, None)
    assert all(line <= lines for line in map_lines(analysis).nodes)


def type_randomly(root: Path, edits: int, rng: random.Random) -> None:
    """Bursts of keys at a place of a shipped spec, each followed by all questions."""
    workspace = Workspace()
    count = 0
    while count < edits:
        file = root / "specs" / f"{rng.choice(SPECS)}.yaml"
        text = file.read_text()
        workspace.open(file, text)
        workspace.analyse(file).graph  # noqa: B018 - the last good graph
        at = rng.randrange(len(text))
        for _ in range(rng.randrange(1, 12)):
            if rng.random() < 0.3:
                width = rng.choice([1, 1, 2, 20])
                text = text[: max(0, at - width)] + text[at:]
                at = max(0, at - width)
            else:
                key = rng.choice(KEYS)
                text, at = text[:at] + key + text[at:], at + len(key)
            workspace.open(file, text)
            ask_everything(workspace, file, position(text, at))
            count += 1
        workspace.close(file)


def test_edits_key_by_key(root: Path) -> None:
    type_randomly(root, EDITS, random.Random(SEED))


def count_objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def resident() -> int:
    """The memory of this process in megabytes."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


@pytest.mark.thorough
def test_many_edits_and_memory_stays_flat(root: Path) -> None:
    rng = random.Random(SEED + 1)
    type_randomly(root, MANY // 5, rng)  # fills what is kept up to a number
    objects, sizes = count_objects(), [resident()]
    for _ in range(4):
        type_randomly(root, MANY // 5, rng)
        sizes.append(resident())
    print("megabytes after each thousand edits:", sizes)
    assert count_objects() < 1.3 * objects, "what is kept has a bound"
    assert max(sizes) - sizes[0] < MEGABYTES, sizes


TEXTS = {
    "nothing": "",
    "NUL": "archc: 1\nname: a\0b\nstem: [b\0n]\n",
    "half a character": "archc: 1\nname: \ud800\n",
    "tabs": "archc: 1\n\tstem:\n\t\t- bn\n",
    "a megabyte": "archc: 1\n" + "# x\n" * 250_000,
    "a name of 10,000 letters": f"archc: 1\nvars: {{{'x' * 10_000}: 1}}\nstem: [{'y' * 10_000}]\n",
    "a long path": f"archc: 1\nextends: {'z' * 10_000}\nuses: [{'../' * 3_000}a.yaml]\n",
    "itself": "archc: 1\nextends: ./typed.yaml\nuses: [./typed.yaml]\n",
    "a list": "- a\n- b\n",
    "a text": "hello",
    "an alias": "a: &x 1\nb: *x\n",
    "wrong types": "archc: [1]\nvars: 3\nstages: [a]\nblocks: x\nuses: {a: b}\nallow: 3\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_any_text(name: str, tmp_path: Path) -> None:
    workspace, file = Workspace(), tmp_path / "typed.yaml"
    workspace.open(file, TEXTS[name])
    for at in (Position(1, 1), Position(2, 9), Position(10**6, 10**6)):
        ask_everything(workspace, file, at)


def test_only_errors_of_archc_leave_the_room(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Workspace().analyse(tmp_path / "missing.yaml")
