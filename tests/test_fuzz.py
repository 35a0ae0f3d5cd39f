"""Mutated specs: whatever is done to a text, a diagnostic with a place comes out, or a graph. Never
another exception.
"""

import random
from pathlib import Path

import pytest

from archcompile.api import compile_spec
from archcompile.errors import ArchError, SpecError
from archcompile.spec.loading.load_spec import from_text
from archcompile.spec.yaml.strict_yaml import _LINE_BREAK

RUNS = 20_000
PARTS = 16
SEED = 20260101
MAX_NODES = 2000  # as `--max-nodes 2000`
WORDS = [
    "conv", "bn", "relu", "add", "concat", "shortcut", "block", "repeat", "first", "last", "stem",
    "stages", "head", "with", "from",
    "branches", "if", "name", "allow", "input", "branch", "none", "defaults", "vars", "uses",
    "extends", "remove", "outputs", "expect",
    "$n", "$(", "$(1/0)", "$(n * 7 / 2)", "$in_channels", "$unit_index", "'", '"', "[", "]", "{",
    "}", ":", "- ", ",", "|", ">", "&a",
    "*a", "!x", "<<", "#", "---", "\n", "  ", "\t", "true", "no", "null", "~", "1e-4", "0", "-1",
    "1.5", "999999999", "1e999", "0x1",
    ".nan", "é", "\u2028", "\x00", "\ud800", "\ufeff", "\x1b[31m", "s1", "stem.entry", "../x.yaml",
    "/etc/passwd.yaml", "identity",
]  # fmt: skip
SPECS = [
    "resnet_v1.yaml",
    "resnet_v2.yaml",
    "resnet_v1_20.yaml",
    "blocks/residual.yaml",
    "blocks/shortcuts.yaml",
]


def texts(root: Path) -> list[str]:
    """Shipped texts and the cases, as self-contained as they are; big nets are left to the
    goldens.
    """
    shipped = [(root / "specs" / name).read_text() for name in SPECS]
    cases = [
        p.read_text()
        for p in sorted((root / "tests/cases").glob("*.yaml"))
        if "999999" not in p.read_text()
    ]
    return shipped + cases


def mutate(text: str, others: list[str], rng: random.Random) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    match rng.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, rng.choice(lines))
        case 2:
            lines.insert(at, rng.choice(rng.choice(others).split("\n")))
        case 3:
            another = rng.randrange(len(lines))
            lines[at], lines[another] = lines[another], lines[at]
        case 4:
            lines[at] = " " * rng.randrange(6) + lines[at].lstrip()
        case _:
            line, column = lines[at], rng.randrange(len(lines[at]) + 1)
            cut = rng.choice([0, 0, 1, 3, 10])
            lines[at] = line[:column] + rng.choice(WORDS) + line[column + cut :]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(1, PARTS))]
)
def test_mutations(root: Path, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "tests/cases")
    rng = random.Random(SEED + part)
    sources = texts(root)
    refused = 0
    for _ in range(RUNS // PARTS):
        text = rng.choice(sources)
        for _ in range(rng.choice([1, 1, 2, 3])):
            text = mutate(text, sources, rng)
        try:
            graph = compile_spec(from_text(text, "fuzz.yaml"), max_nodes=MAX_NODES)
        except SpecError as error:
            refused += 1
            for actual in error.diagnostics:
                assert actual.code and actual.message
                if actual.location.file == "fuzz.yaml":
                    assert 1 <= actual.location.line <= len(_LINE_BREAK.split(text)) + 1, text
                    assert actual.location.column >= 1
        except ArchError:
            refused += 1
        except Exception as error:  # the text that did it
            pytest.fail(f"{type(error).__name__}: {error}\n{text}", pytrace=True)
        else:
            assert from_text(graph.spec_text, "again.yaml"), "what compiles can be written down"
    assert RUNS // PARTS * 0.2 < refused < RUNS // PARTS, (
        "mutations that all fail, or none, test little"
    )
