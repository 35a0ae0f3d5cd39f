"""What is said about the number of classes is a setting that works on that very spec."""

import pytest

from archcompile.api import compile_text
from archcompile.errors import SpecError
from archcompile.shipped import shipped_specs
from archcompile.spec.check.class_settings import class_setting_of
from archcompile.spec.language.self_contained import resolved_text
from archcompile.spec.loading.load_spec import load

START = "archc: 1\ninput: [8, 8, 3]\n"
HEADS = {
    "a variable": (
        "vars: {classes: 10}\nhead: [flatten, dense: {units: $classes}]",
        "--set classes=7",
    ),
    "another variable": ("vars: {k: 10}\nhead: [flatten, dense: {units: $k}]", "--set k=7"),
    "a named step": (
        "head: [flatten, dense: {units: 10, name: scores}]",
        "--set head.scores.units=7",
    ),
    "worked out": (
        "vars: {k: 5}\nhead: [flatten, dense: {units: $(2 * k), name: scores}]",
        "--set head.scores.units=7",
    ),
}


@pytest.mark.parametrize(("text", "setting"), HEADS.values(), ids=HEADS)
def test_the_setting_works(text: str, setting: str) -> None:
    assert class_setting_of(START + text, 7) == setting
    assert compile_text(START + text, sets=[setting.removeprefix("--set ")]).classes == 7


def test_where_there_is_no_way_to_set_it() -> None:
    reported = class_setting_of(START + "head: [flatten, dense: {units: 10}]", 7)
    assert (
        reported
        == "give the last `dense` a name, such as `name: scores`, then --set head.scores.units=7"
    )
    assert (
        class_setting_of(START + "head: [flatten]", 7) is None and class_setting_of("", 7) is None
    )


def test_set_classes_without_such_a_variable() -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(
            START + "head: [flatten, dense: {units: 10, name: scores}]", sets=["classes=7"]
        )
    assert caught.value.diagnostics[0].hint == "--set head.scores.units=7"


def test_what_ships_has_a_setting() -> None:
    settings = {
        name: class_setting_of(resolved_text(load(name)), 7)
        for name in ("resnet_v1_20", "vgg_19", "googlenet")
    }
    assert (
        set(settings.values()) == {"--set classes=7"} and settings.keys() <= shipped_specs().keys()
    )


NONE = {  # where the units are no variable alone that may be set: the step's path, or nothing
    "in parentheses": ("vars: {k: 10}\nhead: [flatten, dense: {units: $(k)}]", "--set k=7"),
    "the last dense": (
        "vars: {k: 10}\nhead: [flatten, dense: {units: $k}, dense: {units: 5, name: last}]",
        "--set head.last.units=7",
    ),
    "two variables": (
        "vars: {k: 10, n: 2}\nhead: [flatten, dense: {units: $(k + n), name: a}]",
        "--set head.a.units=7",
    ),
    "a variable twice": (
        "vars: {k: 10}\nhead: [flatten, dense: {units: $(k + k), name: a}]",
        "--set head.a.units=7",
    ),
    "a variable of another": (
        "vars: {n: 2, k: $(5 * n)}\nhead: [flatten, dense: {units: $k, name: a}]",
        "--set head.a.units=7",
    ),
    "a fact": (
        "vars: {k: 1}\nhead: [flatten, dense: {units: $in_channels, name: a}]",
        "--set head.a.units=7",
    ),
    "no variables": (
        "head: [flatten, dense: {units: $in_channels, name: a}]",
        "--set head.a.units=7",
    ),
    "a text": ("vars: {k: 1}\nhead: [flatten, dense: {units: k, name: a}]", "--set head.a.units=7"),
    "other layers": ("head: [conv: {filters: 3, kernel: 1}, dense, flatten]", None),
    "no list": ("head: {dense: {units: 3}}", None),
}


@pytest.mark.parametrize(("text", "setting"), NONE.values(), ids=NONE)
def test_which_setting_is_named(text: str, setting: str | None) -> None:
    assert class_setting_of(START + text, 7) == setting
