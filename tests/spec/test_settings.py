"""`--set K=V`: what belongs to the recipe, what K means, and what V is."""

import pytest

from archcompile.api import compile_text
from archcompile.errors import SpecError, UsageError
from archcompile.spec.loading.command_settings import read_setting, split_sets
from archcompile.spec.yaml.tree import plain

SPEC = """archc: 1
input: [8, 8, 3]
vars: {n: 2, m: $(2 * n)}
blocks: {b: {args: {f: 4}, body: [conv: {filters: $f, kernel: 1, name: c}]}}
stages: {s: {block: b, repeat: $n, f: $m}}
head: [global_avg_pool, dense: {units: 5, name: scores}]
"""


def test_what_belongs_to_the_recipe() -> None:
    of_spec = ["depth=20", "stages.s.f=8", "train=article", "train=a.yaml", "n=data.x", "data=1"]
    of_recipe = ["train.epochs=3", "data.path=train.x", "train.lr=0.1"]
    assert split_sets([of_spec[0], *of_recipe, *of_spec[1:]]) == (of_spec, of_recipe)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("n=3", ["n"], 3),
        ("a.b=x=y", ["a", "b"], "x=y"),
        ("a.b=[1, x]", ["a", "b"], [1, "x"]),
        ("n=", ["n"], None),
        ("n= ", ["n"], None),
    ],
)
def test_key_and_value(text: str, path: list[str], value: object) -> None:
    actual, tree, at = read_setting(text)
    assert (actual, plain(tree), str(at), at.text) == (
        path,
        value,
        f"--set {text.split('=')[0]}:1:1",
        text,
    )
    assert at.width == len(text.split("=")[0]) and tree.at.column > at.width


@pytest.mark.parametrize("text", ["n", "=3", ""])
def test_what_is_no_setting(text: str) -> None:
    with pytest.raises(UsageError, match="expected K=V"):
        read_setting(text)


def test_a_mistake_in_a_value_is_told_at_its_column() -> None:
    with pytest.raises(SpecError) as caught:
        read_setting("stages.s.f=[1, &x 2]")
    at = caught.value.diagnostics[0].location
    assert (at.file, at.line, at.column, at.text) == (
        "--set stages.s.f",
        1,
        16,
        "stages.s.f=[1, &x 2]",
    )


WORKS = {  # settings -> filters of the last conv, units, number of convs
    ("n=3",): (6, 5, 3),
    ("vars.n=1",): (2, 5, 1),
    ("stages.s.f=7",): (7, 5, 2),
    ("stages.s={block: b}",): (4, 5, 1),
    ("head.scores.units=9",): (4, 9, 2),
    ("vars={n: 1, m: $(3 * n)}",): (3, 5, 1),
    ("stages.t.block=b", "stages.t.after=stem"): (4, 5, 3),
    ("n=1", "stages.s.repeat=4"): (2, 5, 4),
}


@pytest.mark.parametrize("sets", WORKS)
def test_what_a_setting_changes(sets: tuple[str, ...]) -> None:
    graph = compile_text(SPEC, sets=list(sets))
    convs = [node for node in graph if node.op.kind == "conv"]
    assert (convs[-1].shape[-1], graph.classes, len(convs)) == WORKS[sets]


REFUSED = {  # a setting -> code, words of the message, words of the hint
    "k=3": ("set-nothing", "'k' is neither a variable of this spec nor one of its keys", ""),
    "m=3": ("set-derived", "'m' is computed from `n`", "set `n` instead"),
    "vars.m=3": ("set-derived", "'m' is computed from `n`", "set `n` instead"),
    "vars={m: 3}": ("set-derived", "'m' is computed from `n`", "set `n` instead"),
    "vars.k=3": ("set-nothing", "the spec has no variable 'k'", ""),
    "vars={k: 3}": ("set-nothing", "the spec has no variable 'k'", ""),
    "stages.z.f=3": ("set-nothing", "there is no stage 'z'", "there are: s"),
    "classes=3": ("set-nothing", "'classes'", "--set head.scores.units=3"),
    "expect.depth=3": ("set-nothing", "'expect'", ""),
    "name=x": ("set-nothing", "'name'", ""),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_setting_cannot_change(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(SPEC, sets=[text])
    (actual,) = caught.value.diagnostics
    code, message, hint = REFUSED[text]
    assert actual.code == code and message in actual.message and hint in (actual.hint or ""), actual


@pytest.mark.parametrize("text", ["train.epochs=3", "data.path=x"])
def test_settings_of_a_recipe_have_no_place_in_a_spec(text: str) -> None:
    with pytest.raises(UsageError, match="is a setting of the recipe"):
        compile_text(SPEC, sets=[text])


def test_a_new_stage_is_begun_before_its_values_are_set() -> None:
    with pytest.raises(SpecError) as caught:
        compile_text("archc: 1\ninput: [8, 8, 3]\nstem: [relu]\n", sets=["stages.z.f=3"])
    assert caught.value.diagnostics[0].hint == "start a new one with --set stages.z.block=NAME"
