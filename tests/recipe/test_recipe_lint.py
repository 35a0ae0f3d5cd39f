"""What is reported about a recipe, where, and what silences it."""

from pathlib import Path

import pytest

from archcompile.data import digits
from archcompile.errors import Diagnostic
from archcompile.recipe.codes import CODES, REMARKS
from archcompile.recipe.linting import lint
from archcompile.recipe.loading import find, read, recipe_of
from archcompile.recipe.rates import CIFAR, TRAINING_IMAGES, known_images
from tests.conftest import shipped_graph

HEAD = (
    "archc: 1\nbatch_size: 100\noptimizer: {kind: sgd, learning_rate: 0.1}\ndata: {validation: "
    "5000}\n"
)
TEN = "epochs: 10\n"
PIECES = "schedule: {kind: piecewise, boundaries: %s, factors: %s}\n"


def findings(
    text: str, tmp_path: Path, spec: str | None = None, *, images: int | None = CIFAR
) -> list[Diagnostic]:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    tree = read(file)
    return lint(recipe_of(tree), tree, shipped_graph(spec) if spec else None, images=images)


def codes(
    text: str, tmp_path: Path, spec: str | None = None, *, images: int | None = CIFAR
) -> list[str]:
    return [item.code for item in findings(text, tmp_path, spec, images=images)]


CASES = [
    (TEN, []),
    (TEN + "plateau: {patience: 3}\n" + PIECES % ([5], [0.1]), ["plateau-overridden"]),
    # and not that it never fires
    (TEN + "plateau: {patience: 9}\n" + PIECES % ([5], [0.1]), ["plateau-overridden"]),
    (TEN + "plateau: {patience: 3}\n", []),
    # epoch 1 sets the mark, 2 to 9 fail to improve, 10 has the new rate
    (TEN + "plateau: {patience: 8}\n", []),
    (TEN + "plateau: {patience: 9}\n", ["plateau-never-fires"]),
    ("steps: 4051\nplateau: {patience: 8}\n", []),  # 450 steps per epoch: the tenth is begun
    ("steps: 4050\nplateau: {patience: 8}\n", ["plateau-never-fires"]),
    (TEN + PIECES % ([9], [0.1]), []),
    (TEN + PIECES % ([9, 10, 12], [0.1, 0.1, 0.1]), ["boundary-after-end"]),
    ("steps: 4500\n" + PIECES % ([9, 10], [0.1, 0.1]), ["boundary-after-end"]),
    ("steps: 4501\n" + PIECES % ([9, 10], [0.1, 0.1]), []),
    (
        "steps: 99\n"
        + PIECES.replace("piecewise", "piecewise, unit: steps") % ([98, 99], [0.1, 0.1]),
        ["boundary-after-end"],
    ),
    (
        TEN + PIECES.replace("piecewise", "piecewise, unit: steps") % ([4499, 4500], [0.1, 0.1]),
        ["boundary-after-end"],
    ),
    (TEN + "warmup: {steps: 4499}\n", []),
    (TEN + "warmup: {steps: 4500}\n", ["warmup-outlasts-run"]),
    (TEN + "augment: {fill: zero}\n", ["setting-without-effect"]),
    (
        TEN + "augment: {interpolation: bilinear, pad_crop: 4, fill: zero}\n",
        ["setting-without-effect"],
    ),
    (TEN + "augment: {crop: random}\n", ["setting-without-effect"]),
    (TEN + "augment: {crop: centre}\n", []),
    (
        TEN + "augment: {crop: random, resized_crop: {}}\n",
        ["setting-without-effect"],
    ),
    (TEN + "augment: {mix: {mixup: 1, switch: 0.1}}\n", ["setting-without-effect"]),
    (TEN + "augment: {mix: {mixup: 1, cutmix: 1, switch: 0.1}}\n", []),
    (
        TEN + "augment: {mix: {mixup: 1}}\nearly_stop: {monitor: loss}\n",
        ["mixed-training-figures"],
    ),
    (TEN + "warmup: {steps: 5, factor: 1.0, rise: true}\n", ["setting-without-effect"]),
    (TEN + "fit_time: true\n", ["setting-without-effect"]),
    (TEN + "fit_time: true\nschedule: {kind: cosine}\n", []),
    (TEN + "loss: {focal: {gamma: 0}}\n", ["setting-without-effect"]),
    (
        TEN + "distill: {teacher: a, weight: 1}\nlabel_smoothing: 0.1\n"
        "loss: {class_weights: balanced}\n",
        ["setting-without-effect"] * 2,
    ),
    (TEN + "distill: {teacher: a}\nlabel_smoothing: 0.1\n", []),
    (TEN + "checkpoint: {monitor: accuracy}\n", ["validation-unused"]),
    (TEN + "checkpoint: {monitor: accuracy}\nplateau: {patience: 2}\n", []),
    (TEN + "allow: [validation-unused]\ncheckpoint: {monitor: loss}\n", ["validation-unused"]),
    (TEN + "allow: [validation-unused]\n", ["unused-allow"]),
    (TEN + "allow: [validation-unused, unused-allow]\n", ["unused-allow"]),
    (TEN + "allow: [decay-halves-l2]\n", []),  # no spec, no telling
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_findings(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert codes(HEAD + text, tmp_path) == expected


def test_nesterov_needs_momentum(tmp_path: Path) -> None:
    still = (HEAD + TEN).replace("0.1}", "0.1, nesterov: true}")
    assert codes(still, tmp_path) == ["setting-without-effect"]
    assert codes(still.replace("nesterov", "momentum: 0.9, nesterov"), tmp_path) == []


def test_who_chooses(tmp_path: Path) -> None:
    text = (HEAD + TEN).replace("data: {validation: 5000}\n", "")
    assert codes(text, tmp_path) == ["test-set-chooses"]
    for images, count in ((None, "N"), (1500, "150")):
        (finding,) = findings(text, tmp_path, images=images)
        assert f"`data: {{validation: {count}}}`" in (finding.hint or "")
    assert codes(text + "checkpoint: {monitor: loss}\n", tmp_path) == []
    (steered,) = findings(text + "plateau: {patience: 3}\n", tmp_path)
    assert steered.code == "test-set-chooses" and "when the rate is lowered" in steered.message


@pytest.mark.parametrize(
    ("regularisation", "optimizer", "expected"),
    [
        ("spec", "sgd", ["l2-is-twice-decay"]),
        ("spec", "adam", ["decay-through-adam", "l2-is-twice-decay"]),
        ("{weight_decay: 1e-4}", "sgd", ["decay-halves-l2"]),
        ("{weight_decay: 1e-4}", "adam", ["decay-through-adam", "decay-halves-l2"]),
        ("{weight_decay: 2e-4}", "sgd", []),
        ("{weight_decay: 0}", "adam", []),
    ],
)
def test_beside_the_l2_of_a_spec(
    tmp_path: Path, regularisation: str, optimizer: str, expected: list[str]
) -> None:
    text = (HEAD + TEN).replace("sgd", optimizer) + f"regularisation: {regularisation}\n"
    reported = findings(text, tmp_path, "resnet_v1_20")
    assert [item.code for item in reported] == expected
    for item in reported:
        if "l2" in item.code:
            assert "`l2: 0.0001`" in item.message and item.notes[0][1].file.endswith(
                "resnet_v1.yaml"
            )
    assert [item.code for item in findings(text, tmp_path) if "l2" in item.code] == [], (
        "only with a spec"
    )
    without = "highway_19"  # it has no L2
    assert [item.code for item in findings(text, tmp_path, without) if "l2" in item.code] == []


def test_a_finding_stands_at_its_key(tmp_path: Path) -> None:
    text = HEAD + TEN + "plateau: {patience: 3}\n" + PIECES % ([5, 11], [0.1, 0.1])
    overridden, boundary = findings(text, tmp_path)
    assert (overridden.location.line, overridden.location.column, overridden.location.width) == (
        6,
        1,
        len("plateau"),
    )
    assert [(word, at.line, at.column) for word, at in overridden.notes] == [("the schedule", 7, 1)]
    assert (boundary.location.line, boundary.location.column, boundary.location.width) == (7, 45, 2)
    assert {overridden.severity, boundary.severity} == {"warning"}


def test_units_that_do_not_meet_are_told_only_where_the_images_are_known(tmp_path: Path) -> None:
    text = HEAD + TEN + "warmup: {steps: 4500}\n"
    assert codes(text, tmp_path, images=None) == []
    (reported,) = findings(text, tmp_path)
    assert "450 steps per epoch" in reported.message


def test_steps_are_an_upper_bound_of_epochs_where_no_images_are_known(tmp_path: Path) -> None:
    """`steps: 60` ends before epoch 81 whatever the images; whether it ends before epoch 59 is
    not known.
    """
    text = HEAD + "steps: 60\n" + PIECES % ([59, 60, 81], [0.1, 0.1, 0.1])
    reported = findings(text, tmp_path, images=None)
    assert [item.code for item in reported] == ["boundary-after-end"]
    assert (
        "never changes at 60 and 81: the run has 60 steps, and so 60 epochs at most"
        in reported[0].message
    )
    assert codes(HEAD + "steps: 60\nplateau: {patience: 59}\n", tmp_path, images=None) == [
        "plateau-never-fires"
    ]


@pytest.mark.parametrize(
    ("source", "ends"), [("digits", True), ("mnist", True), ("mine/pictures", False)]
)
def test_sources_of_known_size(source: str, ends: bool) -> None:
    """60 steps of 64 are not three epochs of the digits' 1,500 images."""
    recipe = Path(__file__).parents[1] / "training" / "tiny_recipe.yaml"
    tree = read(
        recipe,
        [
            "train.epochs=null",
            "train.steps=60",
            f"data.source={source}",
            "train.schedule.boundaries=[3]",
        ],
    )
    chosen = recipe_of(tree)
    warned = [
        item.code
        for item in lint(chosen, tree, images=known_images(chosen))
        if item.severity == "warning"
    ]
    assert warned == (["boundary-after-end"] if ends else [])


def test_the_digits_are_as_many_as_there_are() -> None:
    assert TRAINING_IMAGES["digits"] == digits.TRAIN


def test_a_setting_is_the_place_of_what_it_sets() -> None:
    tree = read(find("wrn"), ["train.epochs=150", "train.plateau={patience: 3}"])
    overridden, boundary = (
        item for item in lint(recipe_of(tree), tree) if item.severity == "warning"
    )
    assert (overridden.code, overridden.location.file) == (
        "plateau-overridden",
        "--set train.plateau",
    )
    assert (boundary.code, boundary.location.line) == ("boundary-after-end", 15)
    assert "never changes at 160: the run has 150 epochs, counted from 0" in boundary.message


def test_what_is_allowed_is_a_note_and_says_so(tmp_path: Path) -> None:
    (reported,) = findings(
        HEAD + TEN + "allow: [validation-unused]\ncheckpoint: {monitor: loss}\n", tmp_path
    )
    assert reported.severity == "note" and "`allow`" in reported.message


SHIPPED: dict[str, list[str]] = {
    "article": ["test-set-chooses", "plateau-overridden"],
    "article_holdout": [],
    "stochastic_depth": [],
    "fast": [],
    "fast_bf16": [],
}


@pytest.mark.parametrize(
    "name",
    [
        "article",
        "article_holdout",
        "he2015",
        "wrn",
        "stochastic_depth",
        "highway",
        "fast",
        "fast_bf16",
        "digits",
    ],
)
def test_what_ships_has_no_warnings(name: str) -> None:
    tree = read(find(name))
    reported = lint(recipe_of(tree), tree, images=CIFAR)
    assert [item.code for item in reported] == SHIPPED.get(name, ["test-set-chooses"])
    assert {item.severity for item in reported} <= {"note"}


def test_every_code_is_told_somewhere(tmp_path: Path) -> None:
    texts = [HEAD + text for text, _ in CASES] + [
        (HEAD + TEN).replace("sgd", "adam").replace("data: {validation: 5000}\n", "") + rest
        for rest in ("", "regularisation: {weight_decay: 1e-4}\n")
    ]
    reported = {item for text in texts for item in codes(text, tmp_path, "resnet_v1_20")}
    assert reported == set(CODES) and set(REMARKS) < set(CODES)
