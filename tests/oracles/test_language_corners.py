"""Small specs at the corners of the language, and what may be called how: interpreter and compiler
agree.
"""

from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.api import compile_text
from tests.oracles.generator import interpret_spec
from tests.oracles.language import IllFormed, parse
from tests.oracles.nets import differences, of_compiler, of_interpreter
from tests.oracles.words import FACTS, KEYS, SIGNS

CORNERS = [
    text
    for text in Path(__file__).with_name("corners.yaml").read_text().split("---\n")[1:]
    if text.strip()
]


def meaning(text: str) -> dict[str, Any] | None:
    """The net of a small spec as archc has it, or None where it refuses it."""
    try:
        return of_compiler(compile_text(text))
    except archcompile.errors.SpecError:
        return None


def interpret_text(text: str) -> dict[str, Any] | None:
    try:
        return of_interpreter(interpret_spec(parse(text)))
    except IllFormed:
        return None


@pytest.mark.parametrize("text", CORNERS)
def test_corners(text: str) -> None:
    compiled = meaning(text)
    if "archc alone refuses" in text:
        assert compiled is None
    else:
        interpreted = interpret_text(text)
        assert (interpreted is None) == (compiled is None), "one of the two refuses"
        assert interpreted is None or not list(differences(interpreted, compiled or {}))


NAMED = {
    "variable": "vars: {NAME: 3}\nstem: [relu]",
    "argument": "blocks: {u: {args: {NAME: 3}, body: [relu]}}\nstem: [u]",
    "argument of a rule": "blocks: {u: [relu, shortcut: {rule: r}]}\nshortcuts: {r: {args: {NAME: "
    "3}, body: [add: {with: branch}]}}\n"
    "stages: {s: {block: u}}",
    "block": "blocks: {NAME: [relu]}\nstem: [relu]",
    "rule": "shortcuts: {NAME: [add: {with: branch}]}\nstem: [relu]",
    "step": "blocks: {v: [relu]}\nstem: [relu: {name: NAME}]\nstages: {s1: [relu]}",
    "step of a branch in a block": (
        "blocks: {v: [relu], u: [add: {branches: {a: [relu: {name: "
        "NAME}], b: []}}]}\nstages: {s1: [u]}"
    ),
    "step of a rule": "blocks: {u: [relu, shortcut: {rule: r}]}\nshortcuts: {r: [relu: {name: "
    "NAME}, add: {with: branch}]}\n"
    "stages: {s1: {block: u}}",
    "stage": "stages: {NAME: [relu]}",
    "branch": "stem: [add: {branches: {NAME: [relu], zz: []}}]",
    "output": "stem: [relu]\noutputs: {NAME: stem}",
}


@pytest.mark.parametrize("role", NAMED)
def test_both_have_the_same_names_free(role: str) -> None:
    odd = [
        "b2",
        "b",
        "conv1",
        "relu61",
        "shortcut2",
        "u",
        "v",
        "v1",
        "s1",
        "a-b",
        "aB",
        "_a",
        "a_",
        "1x",
        "x1",
        "null",
        "yes",
        "é",
        "a b",
        "",
        "a" * 40,
        "a" * 41,
        "a\\n",
    ]
    free = []
    for word in dict.fromkeys([*KEYS, *FACTS, *SIGNS, *odd]):
        text = f"archc: 1\ninput: [8, 8, 4]\n{NAMED[role]}".replace("NAME", f'"{word}"')
        assert (interpret_text(text) is None) == (meaning(text) is None), word
        free += [word] if meaning(text) else []
    assert "x1" in free and "a b" not in free
