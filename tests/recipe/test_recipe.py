"""Recipes: what ships, what a file or a setting may say, and what is told where it may not."""

from pathlib import Path

import pytest

from archcompile.errors import ArchError, Diagnostic, SpecError, UsageError
from archcompile.recipe.loading import find, load
from archcompile.recipe.monitors import MEASURES
from archcompile.recipe.optimizers import SGD
from archcompile.recipe.schedules import Cosine
from archcompile.recipe.sections import Decay, Plateau
from archcompile.shipped import shipped_folder

SHIPPED = sorted(path.stem for path in (shipped_folder() / "recipes").glob("*.yaml"))
HEAD = {
    "archc": "1",
    "batch_size": "32",
    "epochs": "10",
    "optimizer": "{kind: sgd, learning_rate: 0.1}",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_valid_and_its_text_reads_back(name: str, tmp_path: Path) -> None:
    shipped = load(find(name))
    assert shipped.name == name and shipped.about
    copy = tmp_path / "other.yaml"
    copy.write_text(shipped.text())
    assert load(copy) == shipped


def test_the_article() -> None:
    article = load(find("article"))
    assert article.identity() == {
        "data": {"fit": None, "canvas": None, "channels": None, "holdout": 0.2, "validation": 0},
        "preprocessing": {"scale": 255.0, "mean": "per_pixel", "std": "none"},
        "augment": {
            "shift": 0.1,
            "interpolation": "bilinear",
            "pad_crop": 0,
            "fill": "nearest",
            "crop": "centre",
            "flip": "horizontal",
        },
        "batch_size": 32,
        "fit_time": False,
        "optimizer": {
            "kind": "adam",
            "learning_rate": 1e-3,
            "beta_1": 0.9,
            "beta_2": 0.999,
            "epsilon": 1e-7,
        },
        "schedule": {
            "kind": "piecewise",
            "unit": "epochs",
            "boundaries": [81, 121, 161, 181],
            "factors": [0.1, 0.01, 0.001, 0.0005],
        },
        "warmup": None,
        "plateau": None,
        "regularisation": "spec",
        "label_smoothing": 0.0,
        "clip_norm": None,
        "precision": "float32",
        "xla": False,
        "monitor": "val_accuracy",
    }
    assert article.plateau == Plateau(
        monitor="val_loss", factor=0.1**0.5, patience=5, cooldown=0, min_rate=0.5e-6
    )
    assert article.live_plateau is None, "the schedule overrides it"


def test_the_article_with_images_held_out_is_the_article_but_for_them() -> None:
    article, held_out = (load(find(name)).identity() for name in ("article", "article_holdout"))
    assert held_out["data"].pop("validation") == 5000 and article["data"].pop("validation") == 0
    assert held_out == article


def test_the_fast_recipes_differ_in_precision_alone() -> None:
    quick, quicker = (load(find(name)).identity() for name in ("fast", "fast_bf16"))
    assert quick | {"precision": "mixed_bfloat16"} == quicker != quick


def test_runs_of_earlier_versions_are_still_the_same_training() -> None:
    """What came later is left out where it says what was always done."""
    older = {"weight_decay": 1e-4, "of": "kernels"}, {"kind": "cosine", "end": 0.0}
    identity = (
        load(find("fast"))
        .model_copy(
            update={"regularisation": Decay(weight_decay=1e-4), "schedule": Cosine(kind="cosine")}
        )
        .identity()
    )
    assert (identity["regularisation"], identity["schedule"]) == older


def test_what_is_measured_and_who_teaches_is_no_part_of_the_training() -> None:
    """The teacher counts by its weights, the kind of the loss by the network."""
    plain = load(find("article"))
    measured = load(find("article"), ["train.metrics=[top_5]", "train.loss.kind=categorical"])
    assert measured.hash() == plain.hash()
    taught = [load(find("article"), [f"train.distill.teacher={name}"]) for name in "ab"]
    assert taught[0].hash() == taught[1].hash() != plain.hash()
    assert "teacher" not in taught[0].identity()["distill"]
    weighed = load(find("article"), ["train.loss.class_weights=balanced"])
    assert weighed.hash() != plain.hash()


def test_settings_change_the_recipe_and_its_hash_where_they_matter() -> None:
    plain = load(find("article"))
    sets = [
        "train.batch_size=128",
        "data.fit=pad",
        "train.augment.flip=none",
        "train.optimizer.learning_rate=1e-2",
    ]
    changed = load(find("article"), sets)
    assert (changed.batch_size, changed.data.fit, changed.augment.flip) == (128, "pad", "none")
    assert changed.optimizer.learning_rate == 0.01
    assert changed.hash() != plain.hash()
    sgd = load(find("article"), ["train.optimizer={kind: sgd, learning_rate: 0.1, momentum: 0.9}"])
    assert sgd.optimizer == SGD(kind="sgd", learning_rate=0.1, momentum=0.9)


@pytest.mark.parametrize(
    ("name", "setting", "same"),
    [
        (
            "article",
            "train.epochs=3",
            True,
        ),  # a longer run of fixed boundaries begins as the shorter one
        ("article", "train.name=mine", True),
        ("article", "train.about=mine", True),
        ("article", "train.allow=[]", True),
        (
            "article",
            "data.source=digits",
            True,
        ),  # the images themselves count, not what they are called
        ("article", "train.checkpoint.minutes=1", True),
        ("article", "train.plateau=null", True),  # it had no effect
        ("article", "train.plateau.patience=1", True),
        ("article", "train.schedule=null", False),
        ("article", "train.checkpoint.monitor=val_loss", False),
        ("article", "data.validation=1", False),
        ("fast", "train.epochs=3", False),  # the schedule spans the run
        ("he2015", "train.steps=3", True),
        ("he2015", "train.regularisation.of=kernels", False),
    ],
)
def test_what_makes_two_runs_the_same_training(name: str, setting: str, same: bool) -> None:
    assert (load(find(name), [setting]).hash() == load(find(name)).hash()) == same


def test_a_warm_up_for_deep_networks() -> None:
    recipe = load(find("he2015"))
    assert recipe.for_depth(110) == recipe and recipe.for_depth(1202) == recipe
    assert recipe.warmup is not None and recipe.for_depth(109).warmup is None
    assert recipe.for_depth(109).schedule == recipe.schedule


def refusal(file: Path, sets: list[str]) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        load(file, sets)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.bach_size=128", "did you mean `batch_size`"),
        ("train.augment.shfit=0.1", "did you mean `shift`"),
        ("train.epochs=0", "at least 1"),
        ("train.epochs=1.5", "whole number"),
        ("train.steps=5", "`epochs` or `steps`"),
        ("train.epochs=null", "`epochs` or `steps`"),
        ("train.augment.shift=1.0", "less than 1"),
        ("train.augment.pad_crop=4", "both move the image"),
        ("train.augment.fill=zero", "is for `pad_crop`"),
        ("train.augment.mix={}", "expected `mixup`, `cutmix` or both, got neither"),
        ("train.augment.mix={mixup: 0}", "more than 0"),
        ("train.augment.views=64", "views of an image"),
        ("train.augment.resized_crop={area: [0.5, 0.2]}", "expected the lower end first"),
        ("train.augment.erase={area: [0.5, 1.2]}", "expected a share of at most 1"),
        ("train.augment.jitter={hue: 0.6}", "at most 0.5"),
        ("train.augment.policy={kind: rand_augment, magnitude: 2.5}", "whole numbers, 0 to 30"),
        ("train.augment.policy={kind: rand_augment, deviation: 1}", "part of timm's table"),
        ("train.augment.policy={kind: rand_augment, table: timm, magnitude: 11}", "at most 10"),
        ("train.augment.policy={kind: randaugment}", "rand_augment"),
        ("train.optimizer.learning_rate=-1", "more than 0"),
        ("train.schedule={kind: piecewise, boundaries: [5, 3], factors: [1, 1]}", "increasing"),
        ("train.schedule={kind: piecewise, boundaries: [5], factors: [1, 1]}", "as many factors"),
        ("train.fit_time=true", "boundaries of a piecewise one are fixed"),
        ("data.fit=strech", "pad, resize"),
        ("data.canvas=40", "what `fit: crop` cuts from"),
        ("train.archc=2", "archc"),
        ("train.allow=[plateau-overriden]", "did you mean `plateau-overridden`?"),
        ("train.preprocessing.std=[0.2, 0]", "greater than 0"),
    ],
)
def test_a_wrong_setting_is_refused(setting: str, message: str) -> None:
    reported = [f"{d.message} {d.hint}" for d in refusal(find("article"), [setting])]
    assert any(message in text for text in reported), reported


# the line, where in it, the code, and a part of message and hint: one mistake is told once, where
# it is
MISTAKES = [
    ("epoch: 3", 1, "unknown-key", "did you mean `epochs`?"),
    (
        "optimizer: {kind: adamw, learning_rate: 1}",
        19,
        "wrong-type",
        "'optimizer.kind' of a recipe cannot be the text 'adamw' did you mean `adam`?",
    ),
    ("optimizer: {learning_rate: 1}", 1, "missing-key", "needs 'kind'"),
    (
        "optimizer: {kind: sgd, learning_rate: 1, momentun: 0.9}",
        42,
        "unknown-key",
        "did you mean `momentum`?",
    ),
    (
        "optimizer: {kind: sgd, learning_rate: 1, beta_1: 0.9}",
        42,
        "unknown-key",
        "there are: kind, learning_rate, momentum, nesterov",
    ),
    (
        "optimizer: {kind: sgd, learning_rate: 1, weight_decay: 1e-4}",
        42,
        "unknown-key",
        "write `regularisation: {weight_decay: …}`",
    ),
    ("weight_decay: 1e-4", 1, "unknown-key", "write `regularisation: {weight_decay: …}`"),
    ("schedule: {kind: cosine, peak: 0.3}", 26, "unknown-key", "there are: kind, end"),
    ("regularisation: {spec: true, weight_decay: 1e-4}", 17, "out-of-range", "not both at once"),
    ("regularisation: {l2: 1e-4, weight_decay: 1e-4}", 17, "out-of-range", "not both at once"),
    ("regularisation: none", 17, "wrong-type", "cannot be the text 'none' it is one of: spec"),
    ("preprocessing: {mean: per_pixl}", 23, "wrong-type", "did you mean `per_pixel`?"),
    ("preprocessing: {mean: [1, x, 3]}", 27, "wrong-type", "expected a number, got the text 'x'"),
    (
        "plateau: {monitor: val_acc}",
        20,
        "unknown-monitor",
        "no column 'val_acc' to watch did you mean `val_accuracy`?",
    ),
    (
        "checkpoint: {monitor: top_1}",
        23,
        "unknown-monitor",
        "there are: loss, cross_entropy, l2, accuracy, val_loss",
    ),
    ("checkpoint: {monitor: seconds}", 23, "unknown-monitor", "no column 'seconds' to watch"),
]


@pytest.mark.parametrize(
    ("line", "column", "code", "words"), MISTAKES, ids=[line for line, *_ in MISTAKES]
)
def test_a_mistake_is_told_once_and_where_it_is(
    tmp_path: Path, line: str, column: int, code: str, words: str
) -> None:
    file = tmp_path / "mine.yaml"
    head = [f"{key}: {value}" for key, value in HEAD.items() if key != line.split(":")[0]]
    file.write_text("\n".join([*head, line, ""]))
    (actual,) = refusal(file, [])
    assert (actual.code, actual.location.line, actual.location.column) == (
        code,
        len(head) + 1,
        column,
    )
    assert words in f"{actual.message} {actual.hint}"


def test_a_weight_decay_says_what_decays() -> None:
    assert load(find("wrn")).regularisation == Decay(weight_decay=5e-4, of="all")
    assert load(find("highway")).regularisation == Decay(weight_decay=1e-3, of="kernels")


@pytest.mark.parametrize("setting", ["epochs=3", "train=3", "depth=20", "train.epochs"])
def test_what_is_no_setting_of_a_recipe(setting: str) -> None:
    with pytest.raises(UsageError):
        load(find("article"), [setting])


@pytest.mark.parametrize(
    ("name", "hint"), [("artcle", "did you mean `article`?"), ("nothing_like_it", "there are: ")]
)
def test_a_recipe_that_does_not_ship(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(name)
    assert caught.value.hint is not None and caught.value.hint.startswith(hint)


def test_a_bare_name_is_no_file_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("archc: 1\n")
    with pytest.raises(UsageError) as caught:
        find("mine")
    assert caught.value.hint is not None and "for the file write mine.yaml" in caught.value.hint


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ArchError) as caught:
        load(find("./no/such.yaml"))
    assert caught.value.exit_code == 2


def test_what_can_be_watched_are_the_measures_of_history() -> None:
    from archcompile.run_folder.state import COLUMNS

    assert set(MEASURES) == set(COLUMNS) - {
        "epoch",
        "learning_rate",
        "seconds",
        "images_per_second",
    }
