"""Rows, steps, blocks and arguments that mean nothing: the code and the place of each."""

import pytest

from archcompile.api import compile_text
from tests.spec.test_expand import RESIDUAL, START, wrong


def test_a_shortcut_choice_that_reaches_no_join_is_an_error_wherever_it_stands() -> None:
    plain = "blocks: {pair: [conv: {filters: 16, kernel: 3}, relu]}\n"
    for text in (
        RESIDUAL + plain + "stages: {s: {block: pair}}\nshortcut: identity\n",
        RESIDUAL + plain + "stages: {s: {block: pair, shortcut: identity}}\n",
        RESIDUAL + plain + "stages: {s: {block: pair, first: {shortcut: identity}}}\n",
        RESIDUAL + plain + "stages: {s: {block: pair}}\nshortcut: none\n",
    ):
        assert wrong(text).code == "no-shortcut-step", text
    assert wrong(START + "head: [flatten]\n", sets=["shortcut=none"]).code == "no-shortcut-step"


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ("[identity]", "wrong-type"),
        ("{}", "wrong-type"),
        ("{identity: {}, projection: {}}", "wrong-type"),
        ("3", "wrong-type"),
        ("{identity: 3}", "wrong-type"),
        ("", "wrong-type"),
        ("identiti", "unknown-rule"),
        ("$x", "unknown-rule"),
        ("{identity: {scale: 1}}", "unknown-argument"),
        ("{none: {x: 1}}", "unknown-argument"),
    ],
)
def test_what_is_no_choice_of_shortcut(choice: str, code: str) -> None:
    for text in (
        f"stages: {{s: {{block: basic, filters: 16}}}}\nshortcut: {choice}\n",
        f"stages: {{s: {{block: basic, filters: 16, shortcut: {choice}}}}}\n",
        (
            "stages: {s: {block: basic, filters: 16, shortcut: identity, last: {shortcut: "
            f"{choice}}}}}}}\n"
        ),
    ):
        assert wrong(RESIDUAL + text).code == code, text


@pytest.mark.parametrize(
    "text",
    [
        "stem: [add: {branches: {}}]",
        "stem: [add: {with: []}]",
        "stem: [subtract: {branches: {a: [], b: [], c: []}}]",
        "stem: [concat: {branches: {a: [relu]}}]",
    ],
)
def test_a_merge_needs_its_operands(text: str) -> None:
    actual = wrong(START + text + "\n")
    assert actual.code == "wrong-type" and "inputs, got" in actual.message


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{block: u, if: true}", "unknown-argument"),
        ("{block: u, name: x}", "unknown-argument"),
        ("{block: u, from: x}", "unknown-argument"),
        ("{block: [u]}", "wrong-type"),
        ("{block: $u}", "unknown-step"),
        ("{block: u, first: 3}", "wrong-type"),
        ("{block: u, repeat: 0}", "out-of-range"),
        ("{block: u, repeat: 1.5}", "not-whole"),
        ("{block: u, repeat: two}", "wrong-type"),
        ("{block: u, repeat: true}", "wrong-type"),
        ("{block: u, first: {f: 1}}", "unknown-argument"),
        ("{block: u, defaults: {bn: {eps: 1}}}", "unknown-attribute"),
        ("{block: u, defaults: [bn]}", "wrong-type"),
        ("{}", "missing-key"),
        ("relu", "wrong-type"),
        ("", "wrong-type"),
        ("[[relu]]", "wrong-type"),
        ("[relu: {}, {}]", "wrong-type"),
        ("[{relu: {}, bn: {}}]", "wrong-type"),
        ("[relu: [1]]", "wrong-type"),
        ("[3]", "wrong-type"),
        ("[null]", "wrong-type"),
        ("[u: {with: x}]", "unknown-attribute"),
        ("[u: {branches: {}}]", "unknown-attribute"),
        ("[relu: {name: 3}]", "wrong-type"),
        ("[relu: {from: $x}]", "wrong-type"),
        ("[relu: {name: input}]", "reserved-name"),
        ("[relu: {name: b1}]", "reserved-name"),
        ("[relu: {name: u}]", "reserved-name"),
        ("[relu: {name: conv}]", "reserved-name"),
        ("[relu: {name: shortcut2}]", "reserved-name"),
        ("[relu: {name: " + "x" * 41 + "}]", "reserved-name"),
        ("[add: {branches: {A: [], b: []}}]", "reserved-name"),
    ],
)
def test_rows_and_steps_that_are_none(row: str, code: str) -> None:
    assert wrong(START + f"blocks: {{u: [relu]}}\nstages: {{s: {row}}}\n").code == code


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("{body: [relu], arg: {}}", "unknown-key"),
        ("{args: {n: 1}}", "missing-key"),
        ("{args: [n], body: []}", "wrong-type"),
        ("{args: {n: }, body: []}", "wrong-type"),
        ("{args: {n: {one_of: []}}, body: []}", "wrong-type"),
        ("{args: {n: {one_of: [1]}}, body: []}", "wrong-type"),
        ("{args: {n: {of: [a]}}, body: []}", "wrong-type"),
        ("{args: {n: flaot}, body: []}", "wrong-type"),
        ("{args: {if: 1}, body: []}", "reserved-name"),
        ("{args: {N: 1}, body: []}", "reserved-name"),
        ("{body: relu}", "wrong-type"),
        ("3", "wrong-type"),
        ("", "wrong-type"),
        ("{about: 3, body: []}", "wrong-type"),
    ],
)
def test_blocks_that_are_none(form: str, code: str) -> None:
    assert wrong(START + f"blocks: {{unit: {form}}}\nhead: [flatten]\n").code == code


@pytest.mark.parametrize(
    ("argument", "given", "code"),
    [
        ("int", "2.5", "not-whole"),
        ("int", "text", "wrong-type"),
        ("int", "true", "wrong-type"),
        ("6", "6.5", "not-whole"),
        ("float", "x", "wrong-type"),
        ("0.5", "true", "wrong-type"),
        ("bool", "1", "wrong-type"),
        ("true", "yes", "wrong-type"),
        ("str", "3", "wrong-type"),
        ("word", "3", "wrong-type"),
        ("{one_of: [a, c]}", "d", "wrong-type"),
        ("int", "[1]", "wrong-type"),
    ],
)
def test_arguments_of_the_wrong_type(argument: str, given: str, code: str) -> None:
    text = START + (
        f"blocks: {{u: {{args: {{n: {argument}}}, body: [relu]}}}}\nstages: {{s: {{block: u, n: "
        f"{given}}}}}\n"
    )
    assert wrong(text).code == code


def test_whole_floats_count_as_whole_and_whole_numbers_as_floats() -> None:
    text = START + (
        "blocks: {u: {args: {n: int, x: 0.5}, body: [relu: {repeat: $n}, dropout: {rate: $(x / "
        "4)}]}}\n"
    )
    graph = compile_text(text + "stages: {s: {block: u, n: 2.0, x: 1}}\n")
    assert [n.op.kind for n in graph] == ["input", "relu", "relu", "dropout"]
