"""Each way that a value can travel into a block: a mistake in it is told where it was given."""

import pytest

from archcompile.errors import Diagnostic, SpecError
from archcompile.spec.expansion.walk import expand
from archcompile.spec.expressions.tree_evaluation import nearest_fitting
from archcompile.spec.loading.load_spec import from_text

HEAD = """archc: 1
input: [8, 8, 8]
uses: [blocks/residual.yaml, blocks/squeeze_excite.yaml]
head: [global_avg_pool, dense: {units: 10}]
shortcut: projection
"""
INNER = """blocks:
  inner: {args: {width: int}, body: [conv: {filters: $width, kernel: 3}]}
  outer: {args: {filters: int}, body: [inner: {width: $filters}]}
"""
RULE = """shortcuts:
  scaled_conv:
    args: {channels: int}
    body: [conv: {filters: $channels, kernel: 1}, add: {with: branch}]
"""

# how the value travels, settings, the spec, and the text that the mistake is shown at
WAYS = {
    "a row": ((), "stages: {s: {block: basic, filters: -3}}", "-3"),
    "first": ((), "stages: {s: {block: basic, repeat: 2, filters: 8, first: {filters: -3}}}", "-3"),
    "last": ((), "stages: {s: {block: basic, repeat: 2, filters: 8, last: {filters: -3}}}", "-3"),
    "a variable": ((), "vars: {w: -3}\nstages: {s: {block: basic, filters: $w}}", "-3"),
    "two variables": ((), "vars: {v: -3, w: $v}\nstages: {s: {block: basic, filters: $w}}", "-3"),
    "worked out in the row": ((), "vars: {w: 4}\nstages: {s: {block: basic, filters: $(w - 7)}}",
                              "$(w - 7)"),
    "defaults": ((), "defaults: {basic: {filters: -3}}\nstages: {s: {block: basic}}", "-3"),
    "defaults of a stage": ((), "stages: {s: {block: basic, defaults: {basic: {filters: -3}}}}",
                            "-3"),
    "defaults and a variable": ((),
                                ("vars: {w: -3}\ndefaults: {basic: {filters: $w}}\nstages: {s: "
                                 "{block: basic}}"), "-3"),
    "defaults of an op": ((),
                          ("vars: {w: -3}\ndefaults: {conv: {stride: $w}}\nstages: {s: {block: "
                           "basic, filters: 8}}"), "-3"),
    "a setting of a variable": (("w=-3",), "vars: {w: 4}\nstages: {s: {block: basic, filters: $w}}",
                                "-3"),
    "worked out from a setting": (("w=-3",),
                                  "vars: {w: 4}\nstages: {s: {block: basic, filters: $(2 * w)}}",
                                  "-3"),
    "worked out twice from a setting": (("w=-3",),
                                        ("vars: {w: 4, v: $(w + 1)}\nstages: {s: {block: basic, "
                                         "filters: $v}}"), "-3"),
    "a setting by its path": (("stages.s.filters=-3",), "stages: {s: {block: basic, filters: 8}}",
                              "-3"),
    "a block as a step": ((), "stem: [basic: {filters: -3}]", "-3"),
    "two blocks": ((), INNER + "stages: {s: {block: outer, filters: -3}}", "-3"),
    "two blocks and a variable": ((),
                                  INNER + "vars: {w: -3}\nstages: {s: {block: outer, filters: $w}}",
                                  "-3"),
    "a rule": ((),
               RULE + ("stages: {s: {block: basic, filters: 8, shortcut: {scaled_conv: {channels: "
                       "-3}}}}"), "-3"),
    "a rule and a variable": ((), RULE + "vars: {w: -3}\nstages: {s: {block: basic, filters: 8, "
                              "shortcut: {scaled_conv: {channels: $w}}}}", "-3"),
    "a default of the user's block": ((),
                                      "blocks: {u: {args: {f: -3}, body: [conv: {filters: $f, "
                                      "kernel: 1}]}}\n"
                                      "stages: {s: {block: u}}", "-3"),
    "within a list": ((),
                      "blocks: {u: {args: {k: int}, body: [conv: {filters: 4, kernel: [1, $k]}]}}\n"
                      "stages: {s: {block: u, k: -3}}", "-3"),
    "worked out in a library": ((), "stem: [squeeze_excite: {ratio: 16}]", "16"),
    "through two libraries": ((), "stages: {s: {block: se_basic, filters: 8, ratio: 16}}", "16"),
    "groups": ((), "stages: {s: {block: bottleneck, mid: 12, out: 24, groups: 5}}", "5"),
    "a window": ((),
                 "blocks: {u: {args: {k: 1}, body: [conv: {filters: 4, kernel: $k, padding: "
                 "valid}]}}\n"
                 "stages: {s: {block: u, k: 9}}", "9"),
    "a choice": ((), "stem: [squeeze_excite: {ratio: 2, act: tanh}]", "tanh"),
    "a division by zero": ((), "stem: [squeeze_excite: {ratio: 0}]", "0"),
    "a repetition": ((),
                     ("blocks: {u: {args: {n: 1}, body: [relu: {repeat: $n}]}}\nstages: {s: "
                      "{block: u, n: -3}}"), "-3"),
    "a condition": ((),
                    ("blocks: {u: {args: {c: 1}, body: [relu: {if: $c}]}}\nstages: {s: {block: u, "
                     "c: 3}}"), "3"),
    "nobody gave it": ((), "stages:\n  s: {block: se_basic, filters: 8}", "s"),
    "shapes in a library": ((), "stages:\n  s: {block: basic, filters: 16, shortcut: identity}",
                            "s"),
}  # fmt: skip


def wrong(text: str, sets: tuple[str, ...] = ()) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        expand(from_text(text, "spec.yaml", sets))
    return caught.value.diagnostics[0]


def marked_text(diagnostic: Diagnostic) -> str:
    at = diagnostic.location
    return at.text[at.column - 1 :][: at.width]


@pytest.mark.parametrize(("sets", "text", "place"), WAYS.values(), ids=WAYS)
def test_a_value_is_told_where_it_was_given(sets: tuple[str, ...], text: str, place: str) -> None:
    actual = wrong(
        "".join(line for line in HEAD.splitlines(True) if line.split(":")[0] not in text) + text,
        sets,
    )
    assert marked_text(actual) == place
    assert actual.location.file == (f"--set {sets[0].split('=')[0]}" if sets else "spec.yaml")
    assert all(note[1] != actual.location for note in actual.notes)


SEARCHED = [  # the number given, how far is looked, what fits, and what is named
    (10, 500, lambda n: n % 8 == 0, "8 and 16"),
    (8, 500, lambda n: n % 8 == 0, "0 and 16"),
    (5, 500, lambda n: n in (4, 6), "4 and 6"),
    (5, 500, lambda n: n > 100, "101"),
    (5, 500, lambda n: n < 0, "-1"),
    (5, 3, lambda n: n in (3, 7), "3 and 7"),
    (5, 3, lambda n: n in (2, 8), None),
    (5, 3, lambda n: n == 5, None),
]


@pytest.mark.parametrize("case", range(len(SEARCHED)))
def test_the_nearest_numbers_that_fit(case: int) -> None:
    given, reach, fits, named = SEARCHED[case]
    assert nearest_fitting("x", given, reach, fits=fits) == (
        named
        and f"the nearest {'values' if ' ' in named else 'value'} of `x` that "
        f"{'fit' if ' ' in named else 'fits'}: {named}"
    )


@pytest.mark.parametrize(
    ("divisor", "hint"), [(500, "the nearest value of `f` that fits: 500"), (501, None)]
)
def test_how_far_a_number_that_fits_is_looked_for(divisor: int, hint: str | None) -> None:
    body = f"[conv: {{filters: $(f / {divisor}), kernel: 1}}]"
    assert (
        wrong(
            "archc: 1\ninput: [8, 8, 3]\nblocks: {b: {args: {f: int}, body: "
            f"{body}}}}}\nstages: {{s: {{block: b, f: 1}}}}\n"
        ).hint
        == hint
    )


@pytest.mark.parametrize(
    ("spaces", "quoted"), [(33, "`w: $(1" + " " * 33 + ")`"), (34, "`w: $(1" + " " * 33 + "…`")]
)
def test_a_value_of_more_than_forty_letters_is_cut(spaces: int, quoted: str) -> None:
    body, given = "[conv: {filters: $(w / 2), kernel: 1}]", "$(1" + " " * spaces + ")"
    actual = wrong(
        f"archc: 1\ninput: [8, 8, 3]\nblocks: {{b: {{args: {{w: int}}, body: {body}}}}}\nstages: "
        f"{{s: {{block: b, w: {given}}}}}\n"
    )
    assert actual.message == f"'filters': expected a whole number, got 1/2, from {quoted}"


def test_no_more_than_eight_places_that_handed_a_value_on() -> None:
    blocks = "".join(
        f"  b{n}x: {{args: {{f: int}}, body: [b{n + 1}x: {{f: $f}}]}}\n" for n in range(12)
    )
    last = "  b12x: {args: {f: int}, body: [conv: {filters: $f, kernel: 1}]}\n"
    actual = wrong(
        f"archc: 1\ninput: [8, 8, 3]\nblocks:\n{blocks}{last}stages: {{s: {{block: b0x, f: -3}}}}\n"
    )
    assert (
        marked_text(actual) == "-3"
        and [text for text, _ in actual.notes].count("passed on here") == 8
    )
