"""Limits: a short text takes neither the machine's memory nor its stack, and mistakes in bulk cost
little.
"""

from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from archcompile.api import compile_text
from archcompile.errors import SpecError

HEAD = "archc: 1\ninput: [8, 8, 3]\n"


def nested_blocks(levels: int, times: int, innermost: str) -> str:
    """Blocks that each use the one before `times` times."""
    blocks = [
        f"  c0x: {innermost}",
        *(f"  c{i}x: [{', '.join([f'c{i - 1}x'] * times)}]" for i in range(1, levels + 1)),
    ]
    return "blocks:\n" + "\n".join(blocks) + f"\nstem: [c{levels}x]\n"


TOO_LARGE = {
    "an op repeated": "stem: [relu: {repeat: 999999999}]\n",
    "a row repeated": "blocks: {b: [relu]}\nstages: {s: {block: b, repeat: 999999999}}\n",
    "a block repeated": "blocks: {b: [relu]}\nstem: [b: {repeat: 999999999}]\n",
    "repeats within repeats": (
        "blocks: {a: [relu], b: [a: {repeat: 10000}]}\nstages: {s: {block: b, repeat: 10000}}\n"
    ),
    "repeats of nothing": (
        "blocks: {a: [], b: [a: {repeat: 10000}]}\nstages: {s: {block: b, repeat: 10000}}\n"
    ),
    "repeats of what is left out": (
        "blocks: {a: [relu: {if: false, repeat: 10000}]}\nstages: {s: {block: a, repeat: 10000}}\n"
    ),
    "many lines repeated": "stem:\n" + "  - relu: {repeat: 9999}\n" * 100,
    "twice, forty deep": nested_blocks(40, 2, "[relu]"),
    "twice, fifteen deep": nested_blocks(15, 2, "[relu]"),
    "ten times nothing, twelve deep": nested_blocks(12, 10, "[]"),
    "once, five hundred deep": nested_blocks(500, 1, "[relu]"),
    "filters": "stem: [conv: {filters: 1000000000, kernel: 3}]\n",
    "a kernel": "stem: [conv: {filters: 100, kernel: 100000000}]\n",
    "a dense layer": "head: [flatten, dense: {units: 100000}, dense: {units: 100001}]\n",
    "upsampling": "stem: [upsample: {size: 100000}]\n",
    "padding": "stem: [pad: {size: 100000}]\n",
    "doubling": "stem:\n" + "  - concat: {branches: {a: [], b: []}}\n" * 60,
    "nesting": "stem: " + "[" * 40 + "]" * 40 + "\n",
    "values": "outputs: {" + "a: b, " * 1 + "".join(f"a{i}: b, " for i in range(10_000)) + "}\n",
    "bytes": "#" + "x" * 300_000 + "\nstem: [relu]\n",
}


REPEATS = (
    "ten times nothing, twelve deep",
    "twice, fifteen deep",
    "many lines repeated",
    "repeats of nothing",
    "repeats of what is left out",
)  # of others of their kind


@pytest.mark.parametrize(
    "what",
    [pytest.param(k, marks=pytest.mark.thorough if k in REPEATS else ()) for k in TOO_LARGE],
)
def test_too_large(what: str) -> None:
    with pytest.raises(SpecError) as error:
        compile_text(HEAD + TOO_LARGE[what])
    assert {d.code for d in error.value.diagnostics} == {"too-large"}


def test_the_input_is_bounded() -> None:
    with pytest.raises(SpecError, match="the input would hold") as error:
        compile_text("archc: 1\ninput: [1000000, 1000000, 3]\nhead: [global_avg_pool]\n")
    assert error.value.diagnostics[0].code == "too-large"


def test_numbers_beyond_all_bounds_are_out_of_range() -> None:
    for line in (
        "stem: [conv: {filters: 1000000000000000, kernel: 3}]",
        "vars: {a: $(1e15 * 1e15)}\nstem: [relu]",
        "stem: [relu: {repeat: 99999999999999999999}]",
    ):
        with pytest.raises(SpecError) as error:
            compile_text(f"{HEAD}{line}\n")
        assert error.value.diagnostics[0].code == "out-of-range"


def test_the_limit_can_be_set() -> None:
    text = f"{HEAD}stem: [relu: {{repeat: 9}}]\n"
    assert len(compile_text(text, max_nodes=10)) == 10  # the input is one
    with pytest.raises(SpecError, match="more than 9 layers"):
        compile_text(text, max_nodes=9)


def test_what_is_just_within_the_limits_compiles() -> None:
    assert len(compile_text(HEAD + nested_blocks(13, 2, "[relu]"))) == 2**13 + 1
    assert (
        compile_text(
            f"{HEAD}stem: [conv: {{filters: 900000000, kernel: 1}}]\n".replace("8, 8", "1, 1")
        ).notes
        == ()
    )


def test_a_long_chain_of_files(tmp_path: Path) -> None:
    (tmp_path / "f0.yaml").write_text(f"{HEAD}stem: [relu]\n")
    for i in range(1, 1000):
        (tmp_path / f"f{i}.yaml").write_text(f"archc: 1\nextends: f{i - 1}.yaml\n")
    assert len(compile_spec(tmp_path / "f10.yaml")) == 2
    with pytest.raises(SpecError, match="a chain of more than 16 files"):
        compile_spec(tmp_path / "f999.yaml")


def test_mistakes_in_bulk_are_cut_off() -> None:
    """Each unknown word is compared with known ones: unbounded, this file took minutes."""
    blocks = "".join(f"  block{i}x: [relu]\n" for i in range(3000))
    with pytest.raises(SpecError) as error:
        compile_text(
            f"{HEAD}blocks:\n{blocks}stem:\n" + "".join(f"  - blokc{i}y\n" for i in range(5000))
        )
    assert len(error.value.diagnostics) == 100


def test_warnings_in_bulk_are_cut_off() -> None:
    used = "".join(f"  v{i}x: $v{i + 1}x\n" for i in reversed(range(3000)))
    unused = "".join(f"  w{i}x: 1\n" for i in range(3000))
    graph = compile_text(
        f"{HEAD}stem: [relu: {{repeat: $v0x}}]\nvars:\n  v3000x: 1\n{used}{unused}"
    )
    assert len(graph.notes) == 100
