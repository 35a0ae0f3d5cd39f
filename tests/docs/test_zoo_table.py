"""Every cell of the table in docs/networks.md: what `archc list` and `archc cost` print."""

import json
import re
from pathlib import Path

import pytest

from tests.command_line import Archc

ROOT = Path(__file__).parents[2]
PAGES = [(ROOT / name).read_text() for name in ("README.md", "docs/networks.md")]


def cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


ROWS = [cells(line) for line in PAGES[1].splitlines() if line[:1] == "|"]
HEAD, RULE, *NETWORKS = ROWS


def name_of(row: tuple[str, ...]) -> str:
    result = re.fullmatch(r"\[`(\w+)`\]\(\.\./specs/(\w+)\.yaml\)", row[0])
    assert result and result[1] == result[2], row[0]
    return result[1]


def test_the_table_is_there() -> None:
    assert HEAD == ("network", "what it is", "depth", "parameters", "multiply-adds")
    assert set("".join(RULE)) == {"-", ":"}
    assert len(NETWORKS) >= 20 and len({name_of(row) for row in NETWORKS}) == len(NETWORKS)


@pytest.mark.parametrize("row", NETWORKS, ids=name_of)
def test_numbers_are_those_of_archc_cost(row: tuple[str, ...], archc: Archc) -> None:
    """In the text that a person sees, where the sums begin with the network's name."""
    done = archc("cost", name_of(row))
    assert done.code == 0, done.err
    sums = done.out[done.out.index(f"\n{name_of(row)} ") :]
    actual = [
        re.search(rf"{word} +([\d,]+)\b", sums) for word in ("depth", "parameters", "multiply-adds")
    ]
    assert tuple(match and match[1] for match in actual) == row[2:]


def test_words_order_and_number_are_those_of_archc_list(archc: Archc) -> None:
    about = {
        spec["name"]: spec["about"] for spec in json.loads(archc("list", "--json").out)["specs"]
    }
    rows = {name_of(row): row[1] for row in NETWORKS}
    assert list(rows.items()) == [(name, text) for name, text in about.items() if name in rows]
    for page in PAGES:
        assert re.findall(r"(\d+) networks", page) == [str(len(about))]
