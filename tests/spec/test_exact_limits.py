"""The limits of docs/language-details.md to the unit: what stands at a limit compiles, one more
does not. No constant is read from the code.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from archcompile.api import compile_text
from archcompile.errors import SpecError
from archcompile.spec.expressions.arithmetic import ExpressionError
from archcompile.spec.expressions.expression import parse
from archcompile.spec.yaml import strict_yaml

HEAD = "archc: 1\ninput: [8, 8, 3]\n"


def ones(count: int) -> str:
    """An expression of so many parts."""
    return "$(" + "-" * (1 - count % 2) + " + ".join("1" for _ in range((count + 1) // 2)) + ")"


def blocks_inside_one_another(levels: int) -> str:
    inner = "".join(f"  c{n}x: [c{n + 1}x]\n" for n in range(1, levels))
    return f"{HEAD}blocks:\n{inner}  c{levels}x: [relu]\nstem: [c1x]\n"


def detours(count: int) -> str:
    """Steps that are walked and make nothing, with the input and one layer."""
    steps = ["bn: {if: false, repeat: 7}"] * (count // 7) + ["bn: {if: false}"] * (count % 7)
    return f"{HEAD}stem: [relu, {', '.join(steps)}]\n"


def read(text: str) -> None:
    strict_yaml.parse(text, "")


def bytes_of(count: int) -> str:
    return "a: b\n#".ljust(count - 2, "x") + "é"  # a letter of two bytes


def worked_out(text: str) -> None:
    parse(text)({})


def with_at_most(layers: int) -> Callable[[str], None]:
    return lambda text: compile_text(text, max_nodes=layers) and None


# what reads it, the text at the limit, and one more
LIMITS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "parts of an expression": (worked_out, ones(200), ones(201)),
    "depth of an expression": (worked_out, f"$({'(' * 31}1{')' * 31})",
                               f"$({'(' * 32}1{')' * 32})"),
    "depth by functions": (worked_out, f"$({'floor(' * 31}1{')' * 31})",
                           f"$({'floor(' * 32}1{')' * 32})"),
    "numbers in expressions": (worked_out, "$(1000000000000000)", "$(1000000000000001)"),
    "results of expressions": (worked_out, "$(999999999999999 + 1)", "$(1000000000000000 + 1)"),
    "below zero": (worked_out, "$(-1e15)", "$(-1e15 - 1)"),
    "fineness of fractions": (worked_out, "$(1 / 1000000000000000)", "$(1 / 1000000000000000 / 2)"),
    "values of a function": (worked_out, "$(min(1, 2))", "$(min(1))"),
    "values of max": (worked_out, "$(max(1, 2))", "$(max(1))"),
    "values of floor": (worked_out, "$(floor(1))", "$(floor(1, 2))"),
    "values of ceil": (worked_out, "$(ceil(1))", "$(ceil(1, 2))"),
    "values of make_divisible": (worked_out, "$(make_divisible(1, 2))",
                                 "$(make_divisible(1, 2, 3))"),
    "too few for make_divisible": (worked_out, "$(make_divisible(1, 1))", "$(make_divisible(1))"),
    "a divisor": (worked_out, "$(make_divisible(5, 1))", "$(make_divisible(5, 0))"),
    "bytes of a file": (read, bytes_of(262144), bytes_of(262145)),
    "depth of a file": (read, "[" * 32 + "]" * 32, "[" * 33 + "]" * 33),
    # the list is one, too
    "values of a file": (read, f"[{', '.join('1' * 19_999)}]", f"[{', '.join('1' * 20_000)}]"),
    "digits": (read, f"a: {'9' * 18}", f"a: {'9' * 19}"),
    "blocks inside one another": (compile_text, blocks_inside_one_another(16),
                                  blocks_inside_one_another(17)),
    "letters of a name": (compile_text, f"{HEAD}stem: [relu: {{name: {'a' * 40}}}]",
                          f"{HEAD}stem: [relu: {{name: {'a' * 41}}}]"),
    "letters of a spec's name": (compile_text, f"name: {'a' * 100}\n{HEAD}stem: [relu]",
                                 f"name: {'a' * 101}\n{HEAD}stem: [relu]"),
    # the input is one
    "layers": (with_at_most(4), f"{HEAD}stem: [relu, relu, relu]",
               f"{HEAD}stem: [relu, relu, relu, relu]"),
    "repetitions": (with_at_most(4), f"{HEAD}stem: [relu, relu: {{if: false, repeat: 4}}]",
                    f"{HEAD}stem: [relu, relu: {{if: false, repeat: 5}}]"),
    "repetitions of a block": (with_at_most(4),
                               f"{HEAD}blocks: {{b: []}}\nstem: [relu, b: {{repeat: 4}}]",
                               f"{HEAD}blocks: {{b: []}}\nstem: [relu, b: {{repeat: 5}}]"),
    # five for each layer; the one that is built counts as well
    "steps walked": (with_at_most(10), detours(49), detours(50)),
    "values of the input": (compile_text,
                            "archc: 1\ninput: [100000, 50000, 2]\nstem: [global_avg_pool]",
                            "archc: 1\ninput: [100001, 100000, 1]\nstem: [global_avg_pool]"),
    "values of a tensor": (compile_text,
                           (f"{HEAD}stem: [upsample: {{size: [12500, 12500]}}, "
                            "global_avg_pool]").replace("8, 8, 3", "8, 8, 1"),
                           (f"{HEAD}stem: [upsample: {{size: [12500, 12501]}}, "
                            "global_avg_pool]").replace("8, 8, 3", "8, 8, 1")),
    "parameters": (compile_text,
                   ("archc: 1\ninput: [1, 1, 100000]\nstem: [conv: {filters: 100000, kernel: 1, "
                    "bias: false}]"),
                   ("archc: 1\ninput: [1, 1, 100000]\nstem: [conv: {filters: 100000, kernel: 1, "
                    "bias: false}, conv: {filters: 1, kernel: 1}]")),
}  # fmt: skip


@pytest.mark.parametrize("what", LIMITS)
def test_at_the_limit_and_one_beyond(what: str) -> None:
    reads, within, beyond = LIMITS[what]
    reads(within)
    with pytest.raises((SpecError, ExpressionError)):
        reads(beyond)


@pytest.mark.parametrize(
    ("link", "last"),
    [("extends: f{}.yaml\n", f"{HEAD}stem: [relu]\n"), ("uses: [f{}.yaml]\n", "archc: 1\n")],
)
def test_files_in_a_chain(link: str, last: str, tmp_path: Path) -> None:
    for number in range(17):
        (tmp_path / f"f{number}.yaml").write_text(
            "archc: 1\n" + link.format(number - 1) if number else last
        )
    spec = tmp_path / "spec.yaml"
    for number in (15, 16):
        if last == "archc: 1\n":
            # sixteen libraries, and the spec
            spec.write_text(f"{HEAD}stem: [relu]\nuses: [f{number}.yaml]\n")
        else:
            spec = tmp_path / f"f{number}.yaml"
        if number == 15:
            assert len(compile_spec(spec)) == 2
        else:
            with pytest.raises(SpecError, match="a chain of more than 16 files"):
                compile_spec(spec)


def test_zeros_in_front_of_a_number() -> None:
    assert (
        parse(f"$({'0' * 30}12)")({}) == 12
        and parse(f"$({'0' * 5000})")({}) == 0
        and parse(f"$({'0' * 5000}7.5)")({}) == 7.5
    )
    with pytest.raises(ExpressionError, match="the number 99999999999999999999 is beyond 1e15"):
        parse(f"$({'9' * 5000})")({})


MESSAGES = {  # what is said of one more than the limit
    "parts of an expression": "an expression of more than 200 parts",
    "depth of an expression": "an expression nested deeper than 32",
    "numbers in expressions": "the number 1000000000000001 is beyond 1e15",
    "results of expressions": "the value is beyond 1e15",
    "fineness of fractions": "the value is a fraction finer than 1e-15",
    "values of a function": "min: expected 2 or more values, got 1,",
    "values of floor": "floor: expected 1 value, got 2,",
    "values of make_divisible": "make_divisible: expected 2 values, got 3,",
    "a divisor": "make_divisible: expected a whole divisor of at least 1, got 0",
    "bytes of a file": "the text is larger than 256 KiB",
    "depth of a file": "nested deeper than 32 levels",
    "values of a file": "more than 20000 YAML values in one file",
    "digits": "a number of more than 18 digits",
    "blocks inside one another": "blocks nested deeper than 16 levels",
    "layers": "the network has more than 4 layers",
    "repetitions": "`repeat: 5` makes more than 4 layers",
    "repetitions of a block": "`repeat: 5` makes more than 4 layers",
    "steps walked": "the spec takes too many steps to expand",
    "values of the input": (
        "the input would hold 10,000,100,000 values, at most 10,000,000,000 are taken"
    ),
    "values of a tensor": (
        "stem_upsample1 would hold 10,000,800,000 values for one image, at most "
        "10,000,000,000 are taken"
    ),
    "parameters": (
        "with stem_conv2 the network has 10,000,100,001 parameters, at most "
        "10,000,000,000 are taken"
    ),
}


@pytest.mark.parametrize("what", MESSAGES)
def test_what_is_said_of_one_too_many(what: str) -> None:
    reads, _, beyond = LIMITS[what]
    with pytest.raises((SpecError, ExpressionError)) as caught:
        reads(beyond)
    error = caught.value
    assert MESSAGES[what] in (
        error.message if isinstance(error, ExpressionError) else error.diagnostics[0].message
    )


@pytest.mark.parametrize(("size", "fits"), [(262144, True), (262145, False)])
def test_bytes_as_they_are_read(size: int, fits: bool) -> None:
    if fits:
        assert len(strict_yaml.decode(b"a" * size, "x")) == size
    else:
        with pytest.raises(SpecError, match="the file is larger than 256 KiB"):
            strict_yaml.decode(b"a" * size, "x")
