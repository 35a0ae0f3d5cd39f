"""How much work an answer is, counted in calls of functions, which no other load changes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archcompile import editor
from archcompile.analyses import check_claims, layers, lint, receptive
from archcompile.api import compile_text
from archcompile.editor import Analysis, Position, Workspace
from archcompile.editor.stale_lines import unchanged_lines
from archcompile.editor.surroundings import look_around
from archcompile.graph import lower
from archcompile.spec.expansion import expand
from archcompile.spec.loading import from_text
from tests.call_counts import count_calls
from tests.conftest import rarely

SPECS = ("resnet_v1_20", "keras_inception_v3")
ANSWERS: dict[str, Callable[[Analysis], object]] = {
    "findings": editor.find_problems,
    "inlay hints": lambda analysis: editor.list_hints(analysis, 1, 10_000),
    "hover": lambda analysis: editor.describe(analysis, middle(analysis)),
    "completion": lambda analysis: editor.complete(analysis, middle(analysis)),
    "definition": lambda analysis: editor.find_definition(analysis, middle(analysis)),
    "outline": editor.outline,
    "folds": editor.list_folds,
    "lines of nodes": editor.map_lines,
    "lens": lambda analysis: editor.summarise(analysis, None),
}
ONCE = (from_text, expand, lower, lint, check_claims, layers, receptive, look_around)


def middle(analysis: Analysis) -> Position:
    """Behind the first letter of a word in the middle of the text."""
    words = analysis.reading.words
    start = words[len(words) // 2].span.start
    return Position(start.line, start.column + 1)


def analyse(root: Path, name: str, more: str) -> Analysis:
    """A shipped spec with a comment, so that nobody has seen this text before."""
    file = root / "specs" / f"{name}.yaml"
    workspace = Workspace()
    workspace.open(file, f"{file.read_text()}# {more}\n")
    return workspace.analyse(file)


@pytest.mark.parametrize("name", ["resnet_50_fpn", *map(rarely, SPECS)])
def test_an_answer_is_a_fifth_of_the_compile_at_most(name: str, root: Path) -> None:
    """Beside the compile that it needs, whichever is asked first."""
    for answer in ANSWERS.values():  # what is read once for all texts, as the schema, is there
        answer(analyse(root, name, "first"))
    file = root / "specs" / f"{name}.yaml"
    text = f"{file.read_text()}# to compile\n"
    compiling, _ = count_calls(lambda: compile_text(text, file=str(file)))
    for place, (answer, ask) in enumerate(ANSWERS.items()):
        analysis = analyse(root, name, f"{place}")
        asking, _ = count_calls(lambda ask=ask, analysis=analysis: (analysis.graph, ask(analysis)))
        assert asking <= 1.2 * compiling, (answer, asking, compiling)


@pytest.mark.parametrize("is_broken", [False, True], ids=["right", "broken"])
def test_nothing_is_computed_twice_for_a_text(is_broken: bool, root: Path) -> None:
    """All questions, asked twice, of a text and of one that the last good graph stands in for."""
    file = root / "specs" / "resnet_v1_20.yaml"
    workspace = Workspace()
    workspace.open(file, file.read_text())
    assert workspace.analyse(file).graph
    mistake = "shortcuts: [" if is_broken else "# more"

    def ask_twice() -> None:
        for _ in range(2):
            workspace.open(file, f"{file.read_text()}{mistake}\n")
            for ask in ANSWERS.values():
                ask(workspace.analyse(file))

    _, calls = count_calls(ask_twice)
    counts = {f.__name__: calls[f.__code__] for f in (*ONCE, unchanged_lines)}
    assert max(counts.values()) == 1, counts
    assert counts["from_text"] == counts["look_around"] == 1
    assert counts["expand"] == counts["lower"] == int(not is_broken)
