"""What goes wrong around a run: damage that must not cost its result, changes that cannot be
continued, names that differ.
"""

import errno
import json
import os
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcompile import atomic as files
from archcompile.errors import DataError, SpecError, UsageError
from archcompile.experiments import grid
from archcompile.inference.evaluation import evaluate
from archcompile.recipe.loading import find
from archcompile.recipe.loading import load as load_recipe
from archcompile.recipe.rates import Pace
from archcompile.run_files import holds_run
from archcompile.run_folder import checkpoint
from archcompile.run_folder.folder import Run
from archcompile.training.limit import refit
from tests.command_line import Archc
from tests.training.runs import RECIPE as RECIPE_NAME
from tests.training.runs import SPEC as SPEC_NAME
from tests.training.runs import history, run_tiny, tensors

SPEC, RECIPE = Path(SPEC_NAME), Path(RECIPE_NAME)
KEPT = ["data.validation=100"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that keeps images to choose its best epoch by."""
    return run_tiny(tmp_path_factory.mktemp("kept") / "run", sets=KEPT, epochs=2).path


def copy(folder: Path, to: Path) -> Path:
    import shutil

    return Path(shutil.copytree(folder, to))


def images(folder: Path, classes: tuple[str, ...], shift: int = 0) -> Path:
    """Six images of 8x8 for each class, each class of a brightness of its own."""
    import numpy as np
    from PIL import Image

    for number, name in enumerate(classes):
        for split, count in (("train", 6), ("test", 3)):
            place = folder / split / name
            place.mkdir(parents=True)
            for i in range(count):
                Image.fromarray(np.full((8, 8), 40 * (number + shift) + i, np.uint8)).save(
                    place / f"{i}.png"
                )
    return folder


@pytest.mark.keras
def test_a_damaged_best_checkpoint_does_not_cost_the_result(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The best epoch is one of the first two, since the third is measured as hopeless; its
    checkpoint is damaged on the way.
    """
    from archcompile.training import loop as fit

    run = copy(kept, tmp_path / "run")
    monkeypatch.setattr(
        fit.TrainingLoop,
        "_evaluate",
        lambda self: ({"loss": 9.0, "cross_entropy": 9.0, "accuracy": 0.0}, {}),
    )
    message: list[str] = []

    def damage(text: str) -> None:
        message.append(text)
        if text.startswith("resuming"):  # what it resumes from has been read
            for path in checkpoint.latest_first(run / "checkpoints"):
                (path / "weights.safetensors").write_bytes(b"")

    actual = run_tiny(run, resume=True, spec=None, recipe=None, epochs=3, say=damage)
    assert actual.result is not None and actual.result["epochs"] == 3 and actual.result["finished"]
    assert Run(run).read_json("result.json")["best"] is None
    assert any(
        "the checkpoint of the best epoch" in line and "is damaged" in line for line in message
    ), message


@pytest.mark.keras
def test_steps_of_an_epoch_cannot_change_on_the_way(kept: Path, tmp_path: Path) -> None:
    run = copy(kept, tmp_path / "run")
    before = history(run)
    with pytest.raises(
        UsageError, match=r"has had \d+ steps an epoch, and would now have \d+"
    ) as caught:
        run_tiny(
            run,
            resume=True,
            spec=None,
            recipe=None,
            epochs=4,
            sets=["train.batch_size=8"],
            force=True,
        )
    assert caught.value.hint == f"start a new run from its weights: --init {run}"
    assert history(run) == before


@pytest.mark.keras
def test_another_network_is_not_called_damage(kept: Path, tmp_path: Path) -> None:
    run = copy(kept, tmp_path / "run")
    wider = tmp_path / "wider.yaml"
    wider.write_text(SPEC.read_text().replace("filters: 4", "filters: 6"))
    with pytest.raises(DataError, match="is of another network or optimizer") as caught:
        run_tiny(run, spec=wider, resume=True, recipe=None, epochs=4, force=True)
    assert "damaged" not in caught.value.message


@pytest.mark.keras
def test_what_cannot_begin_leaves_no_run(kept: Path, tmp_path: Path) -> None:
    wider = tmp_path / "wider.yaml"
    wider.write_text(SPEC.read_text().replace("filters: 4", "filters: 6"))
    with pytest.raises(DataError, match="does not fit wider"):
        run_tiny(tmp_path / "run", spec=wider, init=kept, epochs=1)
    assert not holds_run(tmp_path / "run")
    run_tiny(tmp_path / "run", init=kept, epochs=1)


@pytest.mark.keras
def test_classes_go_by_their_names(tmp_path: Path) -> None:
    """Of another folder: the same in another order are put in order, others are refused; a head for
    others is told of.
    """
    trained_on = images(tmp_path / "first", ("a", "b", "c"))
    run = run_tiny(tmp_path / "run", data=str(trained_on), sets=["classes=3"], epochs=1).path
    message: list[str] = []
    another = images(tmp_path / "other", ("b", "c", "d"))
    with pytest.raises(
        DataError, match="has other classes than .*: class 0 is `a` in the one and `b` in the other"
    ):
        evaluate(run, data=str(another), say=message.append)
    run_tiny(
        tmp_path / "tuned",
        data=str(another),
        sets=["classes=3"],
        epochs=1,
        init=run,
        say=message.append,
    )
    assert (
        "warning: its head was trained for other classes: class 0 is `a` there and `b` here"
        in message
    )

    from archcompile.data.sources import load
    from archcompile.inference import evaluation as module
    from archcompile.run_folder import read_run

    saved, actual = read_run(run, "last", message.append), load(str(trained_on))
    turned = module._in_order(saved, type(actual)(**{**vars(actual), "classes": ("c", "a", "b")}))
    assert [("c", "a", "b")[label] for label in actual.test.labels] == [
        saved.classes[label] for label in turned.labels
    ]


@pytest.mark.keras
def test_epochs_instead_of_steps(tmp_path: Path) -> None:
    run = run_tiny(tmp_path / "run", sets=["train.schedule=null"], epochs=1)
    by_steps = tmp_path / "steps.yaml"
    by_steps.write_text(RECIPE.read_text().replace("epochs: 4", "steps: 9"))
    same = run_tiny(tmp_path / "same", recipe=by_steps, sets=["train.schedule=null"], epochs=1)
    assert tensors(same.path) == tensors(run.path)
    with pytest.raises(SpecError, match="either `epochs` or `steps`"):
        run_tiny(tmp_path / "both", recipe=by_steps, sets=["train.steps=5"], epochs=1)


@pytest.mark.keras
def test_a_schedule_that_had_to_jump_is_told_of() -> None:
    from archcompile.training.finish import _is_cut_short

    fast, planned = load_recipe(find("fast")), Pace(epoch=391, total=7820)
    assert _is_cut_short(fast, refit(planned, 20, 0))
    pace = planned
    for step in range(20, 5538, 20):  # the speed is known better and better
        pace = refit(pace, step, 6000 - step)
    assert not _is_cut_short(fast, pace) and not _is_cut_short(fast, planned)
    # the last look finds no time for any more steps: the rate is a tenth of its peak
    ended = refit(pace, 5538, 0)
    assert ended.is_rushed and not _is_cut_short(fast, ended)
    # from the middle on each step takes twenty times as long, and later looks know that
    pace = refit(planned, 20, 5980)
    slowed = refit(pace, 3000, 150)
    for step in range(3010, 3150, 10):
        slowed = refit(slowed, step, 3150 - step)
    assert _is_cut_short(fast, slowed)
    # unless that was a moment only
    assert not _is_cut_short(fast, refit(refit(pace, 3000, 150), 3010, 2990))


def test_an_experiment_that_is_to_be_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archcompile.experiments.definition import load_experiment

    file = tmp_path / "e.yaml"
    text = (
        f"archc: 1\nspecs: [{SPEC.name}]\nrecipes: [{RECIPE.name}]\nseeds: [3]\nset: "
        "[train.epochs=2]\n"
    )
    for each in (SPEC, RECIPE):
        (tmp_path / each.name).write_text(each.read_text())
    file.write_text(text)
    (cell,) = grid.cells(load_experiment(file), tmp_path / "runs")
    cell.run.path.mkdir(parents=True)
    cell.run.write_json("environment.json", {"identity": {**cell.identity.record, "data": "x"}})
    cell.run.write_json("result.json", {"finished": True})
    cell.run.write("recipe.yaml", load_recipe(RECIPE, ["train.epochs=2"]).text())
    asked: list[list[str]] = []
    monkeypatch.setattr(grid, "_train", lambda command: (asked.append(command) or 0, ""))
    grid.run([cell], [], True, say=lambda text: None)
    assert asked == []
    file.write_text(text.replace("epochs=2", "epochs=3"))
    (longer,) = grid.cells(load_experiment(file), tmp_path / "runs")
    grid.run([longer], ["--set", "train.epochs=3"], True, say=lambda text: None)
    assert "--resume" in asked[0] and asked[0][-3:] == ["--set", "train.epochs=3", "--resume"]
    file.write_text(text.replace("[3]", "[3, 3]"))
    with pytest.raises(SpecError, match="the seed 3 appears twice"):
        load_experiment(file)


def test_documents_are_one(archc: Archc, tmp_path: Path) -> None:
    done = archc("experiment", "degradation_short", "--dry-run", "--json")
    assert [first["finished"] for first in json.loads(done.out)["runs"]] == [False] * 4
    done = archc("recipe", "show", "he2015", "-o", tmp_path / "rate.svg", "--json")
    assert json.loads(done.out)["name"] == "he2015" and (tmp_path / "rate.svg").exists()


def test_a_stray_key_does_not_make_a_recipe_of_an_experiment(archc: Archc, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(
        "archc: 1\nspecs: [resnet_v1_20]\nrecipes: [he2015]\nepochs: 3\n"
    )
    done = archc("validate", tmp_path / "e.yaml")
    assert done.code == 1 and "experiment has no 'epochs'" in done.err


@pytest.mark.keras
def test_only_files_are_opened(kept: Path, archc: Archc, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = archc("predict", kept, tmp_path / "pipe")
    assert done.code == 4 and "is neither a file nor a folder" in done.err


def test_space_is_asked_for_only_where_there_is_none() -> None:
    full, locked = (
        files.not_writable(Path("x"), OSError(number, "")) for number in (errno.ENOSPC, errno.EROFS)
    )
    assert full.hint and full.hint.startswith("free some space or choose another folder")
    assert locked.hint and locked.hint.startswith("choose another folder")


@pytest.mark.keras
def test_statistics_of_a_first_layer_are_taken_over(tmp_path: Path) -> None:
    """Keras' Normalization computes with copies of its weights: they have to be made again."""
    import numpy as np

    from archcompile.api import compile_text
    from archcompile.engine.tensorflow.trainer import Trainer
    from archcompile.keras_model import values_of, variables_of
    from archcompile.training.initial_weights import initialise

    text = (
        "archc: 1\ninput: [4, 4, 3]\nstem: [normalize]\nhead: [global_avg_pool, dense: {units: "
        "2, activation: softmax}]\n"
    )
    graph = compile_text(text)
    source, model = graph.to_keras(), graph.to_keras()
    random = np.random.default_rng(0)
    norm = next(layer for layer in source.layers if hasattr(layer, "finalize_state"))
    for variable, value in zip(norm.weights, ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), strict=False):
        variable.assign(np.asarray(value, np.float32).reshape(variable.shape))
    norm.finalize_state()
    source.save(tmp_path / "source.keras")
    trainer: Any = SimpleNamespace(
        model=model,
        variables=lambda: variables_of(model),
        tensors=lambda: values_of(variables_of(model)),
        slots=SimpleNamespace(read=dict, write=dict),
        averages=SimpleNamespace(read=dict, write=dict),
        flat=SimpleNamespace(gather_weights=list),
    )
    trainer.load_tensors = partial(Trainer.load_tensors, trainer)
    initialise(
        trainer, graph, str(tmp_path / "source.keras"), classes=("a", "b"), say=lambda text: None
    )
    images = random.random((2, 4, 4, 3), np.float32)
    np.testing.assert_allclose(np.asarray(model(images)), np.asarray(source(images)), rtol=1e-6)
