"""`archc recipe`: show, lint, diff; and what `archc validate` tells of recipes."""

import json
import re
from pathlib import Path

import pytest

from archcompile.recipe.loading import find, load
from tests.command_line import Archc

WRONG = """\
archc: 1
data: {source: cifar10, validation: 5000}
batch_size: 32
epochs: 10
optimizer: {kind: adam, learning_rate: 1e-3}
schedule: {kind: piecewise, boundaries: [5, 12], factors: [0.1, 0.01]}
plateau: {patience: 3}
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A recipe with two warnings."""
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    return file


@pytest.mark.parametrize("more", [(), ("--blame",)])
@pytest.mark.parametrize("name", ["article", "he2015", "fast"])
def test_show_prints_a_recipe(
    archc: Archc, tmp_path: Path, name: str, more: tuple[str, ...]
) -> None:
    done = archc("recipe", "show", name, *more)
    (tmp_path / "copy.yaml").write_text(done.out)
    assert (done.code, done.err) == (0, "")
    assert load(tmp_path / "copy.yaml") == load(find(name))


def test_show_tells_the_rates(archc: Archc) -> None:
    out = archc("recipe", "show", "article").out
    assert "# learning rate at 50,000 training images: 200 epochs = 312,600 steps\n" in out
    assert re.findall(r"^#   epochs (\S+) +(\S+) ", out, re.M) == [
        ("1-81", "0.001"),
        ("82-121", "0.0001"),
        ("122-161", "1e-05"),
        ("162-181", "1e-06"),
        ("182-200", "5e-07"),
    ]
    assert "networks of depth 110 and more" in archc("recipe", "show", "he2015").out
    assert "▁" in archc("recipe", "show", "fast", "--pictures", 1000).out
    assert (
        "40,000 training images, 5,000 of them held out"
        in archc("recipe", "show", "article_holdout", "--pictures", 40_000).out
    )
    live = archc("recipe", "show", "article", "--set", "train.schedule=null").out
    assert (
        "#   and from there: times 0.3162 after 5 epochs in which val_loss does not improve by "
        "0.0001, least rate 5e-07\n"
    ) in live


def test_show_says_where_values_come_from(archc: Archc, wrong: Path) -> None:
    out = archc(
        "recipe", "show", wrong.name, "--blame", "--set", "train.epochs=20", "--set", "data.fit=pad"
    ).out
    origins = {
        line.split("#")[0].strip(): line.split("# ")[1]
        for line in out.splitlines()
        if "  # " in line
    }
    assert (
        origins["epochs: 20"] == "--set train.epochs=20"
        and origins["fit: pad"] == "--set data.fit=pad"
    )
    assert (
        origins["batch_size: 32"] == "wrong.yaml:3"
        and origins["boundaries: [5, 12]"] == "wrong.yaml:6"
    )
    assert (
        origins["regularisation: spec"]
        == origins["name: wrong"]
        == origins["min_rate: 0.0"]
        == "default"
    )


def test_show_as_json(archc: Archc, wrong: Path) -> None:
    actual = json.loads(
        archc("recipe", "show", wrong.name, "--json", "--blame", "--pictures", 5320).out
    )
    assert actual["name"] == "wrong" and actual["recipe"]["epochs"] == 10
    assert {
        "path": ["epochs"],
        "value": 10,
        "from": "wrong.yaml:4",
        "file": "wrong.yaml",
        "line": 4,
        "column": 9,
    } in actual["blame"]
    rates = actual["learning_rate"]
    assert (rates["images"], rates["steps_per_epoch"], rates["steps"]) == (5320, 10, 100)
    assert rates["pieces"] == [
        {"from_step": 0, "to_step": 50, "first": 1e-3, "last": 1e-3},
        {"from_step": 50, "to_step": 100, "first": 1e-4, "last": 1e-4},
    ]
    assert rates["curve"] == [[0, 1e-3], [49, 1e-3], [50, 1e-4], [99, 1e-4]]


@pytest.mark.parametrize("suffix", ["svg", "PNG"])
def test_show_draws(archc: Archc, suffix: str) -> None:
    done = archc("recipe", "show", "fast", "-o", f"rate.{suffix}")
    assert (done.code, done.out, done.err) == (0, "", f"wrote rate.{suffix}\n")
    assert Path(f"rate.{suffix}").read_bytes()[:5] == {"svg": b"<svg ", "PNG": b"\x89PNG\r"}[suffix]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "artcle"), 2, "did you mean `article`?"),
        (("show", "article", "-o", "rate.pdf"), 2, "the suffix chooses the format: .svg, .png"),
        (("show", "article", "-o", "no/rate.svg"), 2, "there is no folder no"),
        (("show", "article", "--set", "epochs=3"), 2, "write train.KEY=V"),
        (("show", "article_holdout", "--pictures", "100"), 2, "leave none of 100"),
        (("show", "article", "--set", "train.epochs=x"), 1, "expected a whole number"),
        (("lint", "no.yaml"), 2, "there is no file no.yaml"),
        (("lint", "article", "--spec", "resnet_v1_21"), 2, "no spec called"),
        (("diff", "article", "he2016"), 2, "did you mean `he2015`?"),
    ],
)
def test_what_cannot_be_done(
    archc: Archc, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = archc("recipe", *arguments)
    assert (done.code, done.out) == (code, "") and words in done.err
    assert words in archc("recipe", *arguments, "--json").out


def test_lint_names_what_has_no_effect(archc: Archc, wrong: Path) -> None:
    done = archc("recipe", "lint", wrong.name)
    assert (done.code, done.out) == (0, "")
    assert (
        "wrong.yaml:6:45: warning[boundary-after-end]: the rate never changes at 12: the run has "
        "10 epochs"
    ) in done.err
    assert "wrong.yaml:7:1: warning[plateau-overridden]: the plateau rule has no effect" in done.err
    assert "  7 | plateau: {patience: 3}\n    | ^^^^^^^\n" in done.err
    assert archc("recipe", "lint", wrong.name, "--strict").code == 1
    actual = json.loads(archc("recipe", "lint", wrong.name, "--json").out)
    assert [(item["code"], item["line"]) for item in actual["findings"]] == [
        ("boundary-after-end", 6),
        ("plateau-overridden", 7),
    ]


def test_lint_names_a_monitor_that_is_not_there(archc: Archc, wrong: Path) -> None:
    wrong.write_text(WRONG + "checkpoint: {monitor: val_acc}\n")
    done = archc("recipe", "lint", wrong.name)
    assert done.code == 1
    assert (
        "wrong.yaml:8:23: error[unknown-monitor]" in done.err
        and "did you mean `val_accuracy`?" in done.err
    )
    (error,) = json.loads(archc("recipe", "lint", wrong.name, "--json").out)["errors"]
    assert (error["code"], error["line"], error["column"]) == ("unknown-monitor", 8, 23)


def test_lint_of_the_article_names_its_dead_rule_and_passes(archc: Archc) -> None:
    done = archc("recipe", "lint", "article", "--strict")
    assert done.code == 0 and "note[plateau-overridden]: the plateau rule has no effect" in done.err
    assert "l2-is-twice-decay" not in done.err
    reported = archc("recipe", "lint", "article", "--spec", "resnet_v1_20").err
    assert (
        "note[l2-is-twice-decay]: the spec's `l2: 0.0001`, in 21 layers, acts as a weight decay "
        "of 0.0002"
    ) in reported


def test_lint_against_a_spec(archc: Archc) -> None:
    assert archc("recipe", "lint", "he2015", "--strict").code == 0
    done = archc("recipe", "lint", "he2015", "--strict", "--spec", "resnet_v1_20")
    assert (
        done.code == 1
        and "warning[decay-halves-l2]" in done.err
        and "write `weight_decay: 0.0002`" in done.err
    )


def test_lint_finds_nothing(archc: Archc) -> None:
    done = archc("recipe", "lint", "article_holdout")
    assert (done.code, done.out, done.err) == (0, "", "nothing found\n")
    assert json.loads(archc("recipe", "lint", "article_holdout", "--json").out)["findings"] == []


def test_lint_counts_epochs_from_the_images(archc: Archc, wrong: Path) -> None:
    wrong.write_text(
        "archc: 1\nbatch_size: 10\nepochs: 2\noptimizer: {kind: sgd, learning_rate: 1}\nwarmup: "
        "{steps: 100}\n"
    )
    assert "warmup-outlasts-run" not in archc("recipe", "lint", wrong.name).err, (
        "no source, no number"
    )
    assert "warmup-outlasts-run" in archc("recipe", "lint", wrong.name, "--pictures", 500).err
    assert "warmup-outlasts-run" not in archc("recipe", "lint", wrong.name, "--pictures", 501).err


def test_diff_in_columns(archc: Archc) -> None:
    done = archc("recipe", "diff", "article", "he2015")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["article", "he2015"]
    rows = {line[:32].strip(): re.split(r"  +", line.strip())[1:] for line in lines}
    assert rows["batch"] == ["32", "128"]
    assert rows["length"] == ["200 epochs = 312,600 steps", "64,000 steps = 163.7 epochs"]
    assert rows["fill"] == ["the edge, repeated", "zeros"]
    note = "    a spec's `l2: 0.0001` is a weight decay of 0.0002, twice as strong as one of 0.0001"
    assert note in lines and lines.index("regularisation") < lines.index(note) < lines.index(
        "preprocessing"
    )
    assert max(map(len, lines)) <= 130


def test_diff_and_exit_codes(archc: Archc) -> None:
    assert archc("recipe", "diff", "article", "he2015", "--exit-code").code == 1
    same = archc("recipe", "diff", "wrn", find("wrn"), "--exit-code")
    assert (same.code, same.out) == (0, "wrn and wrn train alike\n")


def test_diff_as_json(archc: Archc) -> None:
    actual = json.loads(archc("recipe", "diff", "fast", "fast_bf16", "--json").out)
    assert (actual["a"], actual["b"], actual["images"]) == ("fast", "fast_bf16", 50_000)
    assert actual["differences"] == [
        {
            "group": "computation",
            "part": "precision",
            "a": "float32",
            "b": "mixed_bfloat16",
            "note": "",
        }
    ]
    assert actual["values"] == [{"path": "precision", "a": "float32", "b": "mixed_bfloat16"}]


def test_validate_tells_of_recipes(archc: Archc, wrong: Path) -> None:
    done = archc("validate", wrong.name)
    assert (
        done.code == 0
        and "warning[plateau-overridden]" in done.err
        and "1 file checked, 2 warnings" in done.err
    )
    assert archc("validate", wrong.name, "--strict").code == 1
    wrong.write_text(WRONG + "allow: [plateau-overridden, boundary-after-end]\n")
    done = archc("validate", wrong.name, "--strict", "-v")
    assert (done.code, done.err) == (0, "1 file checked, nothing wrong\n")
    wrong.write_text(
        WRONG.replace(", validation: 5000", "")
        + "allow: [plateau-overridden, boundary-after-end]\n"
    )
    assert "note[test-set-chooses]" in archc("validate", wrong.name, "--strict", "-v").err
    assert "test-set-chooses" not in archc("validate", wrong.name).err


def test_what_ships_passes_strictly(archc: Archc, root: Path) -> None:
    assert archc("validate", root / "specs" / "recipes", "--strict").code == 0
