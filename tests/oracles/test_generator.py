"""The generator of random specs reaches all that the pages about the language have."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.oracles.generator import interpret_spec, random_spec, shipped_texts, split
from tests.oracles.generator.library import BLOCKS, RULES
from tests.oracles.language import parse
from tests.oracles.language.ops import OPS
from tests.oracles.words import FACTS, KEYS, SIGNS

EXPRESSION = re.compile(r"[A-Za-z_]\w*|[-+*/%<>=!]+")


def words(value: Any, keys: Counter[str], names: Counter[str]) -> None:
    """Counts the keys and texts of a value, and the names and signs of its expressions."""
    if isinstance(value, dict):
        for key, item in value.items():
            keys[key] += 1
            words(item, keys, names)
    elif isinstance(value, list):
        for item in value:
            words(item, keys, names)
    elif isinstance(value, str):
        keys[value] += 1
        names.update(EXPRESSION.findall(value) if value.startswith("$") else [])


@pytest.mark.thorough
def test_the_generator_reaches_all_that_the_page_has() -> None:
    keys: Counter[str] = Counter()
    names: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for seed in (*range(500), 755):  # the last one has a rule that is seldom drawn
        spec = random_spec(seed)
        net = interpret_spec(spec)
        kinds.update(node.kind for node in net.nodes.values())
        used.update(net.used)
        words(spec, keys, names)
        if seed < 200:
            for text in split(spec, seed)[0].values():
                words(parse(text), keys, names)
    blocks = [name for library in BLOCKS.values() for name in library]
    for expected, counts in (
        (set(OPS) - {"activation"}, kinds),
        ({*RULES, *blocks}, used),
        (set(KEYS), keys),
        ({*FACTS, *SIGNS}, names),
    ):
        missing = [name for name in sorted(expected) if not counts[name]]
        assert not missing, (
            f"never drawn: {missing}; see tests/oracles/generator/attributes.py and lists.py"
        )


def test_the_generator_knows_all_that_ships() -> None:
    """A library, block or rule that is new is to be drawn, too."""
    libraries = {
        name: parse(text) for name, text in shipped_texts().items() if name.startswith("blocks/")
    }
    blocks = {block for library in libraries.values() for block in library.get("blocks") or {}}
    rules = {rule for library in libraries.values() for rule in library.get("shortcuts") or {}}
    assert blocks == {name for library in BLOCKS.values() for name in library}
    assert rules == set(RULES)


def test_a_seed_gives_one_spec() -> None:
    assert json.dumps(random_spec(7)) == json.dumps(random_spec(7))
    assert split(random_spec(7), 7) == split(random_spec(7), 7)
