"""What a command may say beside spec, recipe and data: where to begin, what to leave, how exactly,
on what.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archcompile.errors import ArchError, DataError, UsageError
from archcompile.inference.evaluation import evaluate
from archcompile.run_folder import checkpoint
from archcompile.run_folder.folder import Run
from archcompile.training.api import train
from archcompile.training.dry_run import dry
from archcompile.training.preparation import prepare
from archcompile.training.range_test import find_rate
from archcompile.training.request import TrainingRequest
from tests.conftest import rarely
from tests.training.runs import (
    RECIPE,
    SPEC,
    TinyRun,
    at_step,
    history,
    interrupt,
    run_tiny,
    silent,
)


def arrays(folder: Path) -> dict[str, np.ndarray]:
    return dict(checkpoint.read(checkpoint.latest_first(folder / "checkpoints")[0]).tensors)


@pytest.fixture
def whole(tiny_run: TinyRun) -> Path:
    return tiny_run(epochs=4)


@pytest.mark.keras
def test_a_run_can_begin_with_any_checkpoint(whole: Path, tmp_path: Path) -> None:
    first = checkpoint.latest_first(whole / "checkpoints")[-1]
    lines: list[str] = []
    sets = ["train.optimizer.learning_rate=1e-12"]
    run = run_tiny(tmp_path / "run", init=first, epochs=1, sets=sets, say=lines.append)
    assert any(line.startswith(f"starting from {first}: ") for line in lines)
    expected, actual = dict(checkpoint.read(first).tensors), arrays(run.path)
    for name in expected:
        if name.endswith(("kernel", "gamma")):
            np.testing.assert_allclose(actual[name], expected[name], atol=1e-6)
    damaged = tmp_path / "damaged"
    shutil.copytree(first, damaged)
    (damaged / "state.json").write_text("{}")
    with pytest.raises(DataError, match="damaged: state.json is not as it was written"):
        run_tiny(tmp_path / "other", init=damaged)


# ---- where to begin, and what to leave -----------------------------------------------------------


@pytest.mark.keras
@pytest.mark.parametrize("source", ["run", "file"])
def test_a_run_can_begin_with_the_weights_of_another(
    whole: Path, tmp_path: Path, source: str
) -> None:
    """Seven classes instead of ten: the head begins anew, and is listed; what is frozen stays as it
    was.
    """
    given = whole if source == "run" else whole / "model.keras"
    message: list[str] = []
    folder = tmp_path / "run"
    data = seven_digits(tmp_path / "digits")
    run_tiny(
        folder,
        data=str(data),
        sets=["classes=7"],
        init=given,
        freeze=["stem"],
        epochs=1,
        say=message.append,
    )
    assert any(
        line.startswith("initialised anew") and line.endswith(": head_dense1") for line in message
    ), message
    assert "not trained: stem" in message
    before, after = arrays(whole), arrays(folder)
    frozen = [name for name in after if name.startswith("model/stem") and "seed" not in name]
    assert len(frozen) == 5
    for name in frozen:
        assert np.array_equal(before[name], after[name]), name
    assert after["model/head_dense1/kernel"].shape == (4, 7)
    assert not any("stem" in name for name in after if name.startswith("optimizer"))
    begun = checkpoint.read(folder / "checkpoints" / checkpoint.name_of((0, 0)))
    assert np.array_equal(
        begun.tensors["model/stem_conv1/kernel"], before["model/stem_conv1/kernel"]
    )
    assert evaluate(folder, say=silent).scores.confusion.images == 14


def seven_digits(folder: Path) -> Path:
    from PIL import Image

    from archcompile.data import sources as data

    digits = data.load("digits")
    for split, part, count in (("train", digits.train, 10), ("test", digits.test, 2)):
        for number in range(7):
            (folder / split / str(number)).mkdir(parents=True)
            for i, image in enumerate(part.images[part.labels == number][:count]):
                Image.fromarray(image[:, :, 0], "L").save(folder / split / str(number) / f"{i}.png")
    return folder


@pytest.mark.keras
def test_weights_that_do_not_fit_are_refused(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(
        DataError,
        match=r"stem_conv1/kernel has shape \[5, 5, 1, 4\] here, and there \[3, 3, 1, 4\]",
    ):
        run_tiny(
            tmp_path / "run",
            init=whole,
            sets=["stem=[conv: {filters: 4, kernel: 5, bias: false}, bn]"],
        )
    damaged = tmp_path / "model.keras"
    damaged.write_bytes((whole / "model.keras").read_bytes()[:-300])
    with pytest.raises(ArchError, match="model.keras"):
        run_tiny(tmp_path / "other", init=damaged)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"init": "nowhere"}, "`init`: there is no"),
        ({"init": str(Path(__file__).parent)}, "is neither a run folder nor a checkpoint"),
        ({"init": __file__}, "is not a `.keras` file"),
        ({"freeze": ["steam"]}, "has no part `steam`"),
        ({"freeze": ["stem", "head"]}, "leaves nothing to train"),
        ({"freeze": "stem, head"}, "stem,head.* leaves nothing to train"),
        ({"time_limit": "soon"}, "`time_limit`"),
        ({"device": "tpu"}, "`device`"),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_tiny(tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


# ---- resumed all the same ------------------------------------------------------------------------


@pytest.mark.keras
def test_force_goes_on_with_a_deliberate_change(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_tiny(folder, epochs=1)
    change = ["train.optimizer.learning_rate=0.05"]
    with pytest.raises(
        DataError, match=r"recipe.optimizer.learning_rate is 0.1 there and 0.05 here"
    ) as caught:
        run_tiny(folder, resume=True, sets=change)
    assert "--force" in str(caught.value.hint)
    message: list[str] = []
    run_tiny(folder, resume=True, sets=change, force=True, epochs=2, say=message.append)
    assert any(
        "learning_rate is 0.1 there and 0.05 here: continuing anyway" in line for line in message
    )
    assert [float(row["learning_rate"]) for row in history(folder)] == pytest.approx([0.1, 0.05])
    run_tiny(folder, resume=True, epochs=3, recipe=None)  # it is the run's own recipe from now on
    assert evaluate(folder, say=silent).checkpoint.epoch == 3


@pytest.mark.keras
def test_a_schedule_over_the_whole_run_fixes_its_length(tmp_path: Path) -> None:
    sets = ["train.schedule={kind: cosine}"]
    run_tiny(tmp_path / "run", epochs=1, sets=sets)
    with pytest.raises(DataError, match="recipe.epochs is 1 there and 2 here"):
        run_tiny(tmp_path / "run", epochs=2, resume=True, recipe=None)


@pytest.mark.keras
def test_resume_alone_takes_the_newest_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    train(SPEC, recipe=RECIPE, epochs=1, say=silent)
    with pytest.raises(UsageError, match="no unfinished run"):
        train(SPEC, recipe=RECIPE, resume=True, say=silent)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        at_step(patch, 30, interrupt)
        train(SPEC, recipe=RECIPE, epochs=2, sets=["train.batch_size=100"], say=silent)
    message: list[str] = []
    done = train(
        SPEC, recipe=RECIPE, sets=["train.batch_size=100"], resume=True, say=message.append
    )
    assert message[0] == f"resuming {done.path}" and [row.epoch for row in done.history] == [1, 2]


# ---- precision, compilation, exactness -----------------------------------------------------------


@pytest.mark.keras
@pytest.mark.parametrize("precision", [rarely("mixed_bfloat16"), "mixed_float16"])
def test_sixteen_bits(whole: Path, tmp_path: Path, precision: str) -> None:
    """Layers compute in 16 bits, variables and the head do not; the result is that of the float32
    network.
    """
    import archcompile
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.lowering import lower_for_training

    model = lower_for_training(
        archcompile.compile(SPEC), 0, precision, devices=Devices.single()
    ).model
    kinds = {layer.name: layer.compute_dtype for layer in model.layers if layer.weights}
    assert kinds == {
        "stem_conv1": precision.removeprefix("mixed_"),
        "stem_bn1": precision.removeprefix("mixed_"),
        "head_dense1": "float32",
    }
    assert {str(weight.dtype) for weight in model.weights} == {"float32"}
    run = run_tiny(tmp_path / "run", sets=[f"train.precision={precision}"])
    rows, plain = run.history, Run(whole).read_json("result.json")
    assert (
        rows[-1].loss == pytest.approx(float(history(whole)[-1]["loss"]), rel=0.05)
        and rows[-1].loss < rows[0].loss
    )
    assert run.result is not None and run.result["test_loss"] != rows[-1].val_loss
    assert run.result["test_loss"] == pytest.approx(plain["test_loss"], rel=0.05)
    assert evaluate(run.path, say=silent).scores.accuracy == run.result["test_accuracy"]
    names = arrays(run.path)
    assert any("dynamic_scale" in name for name in names) is (precision == "mixed_float16")


@pytest.mark.keras
def test_xla_trains_the_same(tmp_path: Path) -> None:
    # XLA would draw other numbers for a dropout
    sets = ["stem=[conv: {filters: 4, kernel: 3, bias: false}, bn, relu]"]
    first = run_tiny(tmp_path / "one", sets=sets, epochs=1).history[0]
    run = run_tiny(tmp_path / "other", sets=sets, kernels="xla", epochs=1)
    assert run.history[0].loss == pytest.approx(first.loss, rel=1e-4)
    assert json.loads((run.path / "environment.json").read_text())["kernels"] == "xla"


@pytest.mark.keras
def test_a_range_test_keeps_nothing_but_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines: list[str] = []
    words = list(find_rate(TrainingRequest(spec=SPEC, recipe=RECIPE), lines.append))
    assert words[0] == "150 steps, up to a rate of 10: the loss fell at none of them"
    written = [str(path) for path in Path().rglob("*") if path.is_file()]
    assert written == ["build/tiny/find_rate.svg"]
    with pytest.raises(UsageError, match="cannot go together"):
        next(find_rate(TrainingRequest(spec=SPEC, recipe=RECIPE, resume=True)))


@pytest.mark.keras
def test_a_dry_run_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = dry(TrainingRequest(spec=SPEC, recipe=RECIPE))
    assert list(tmp_path.iterdir()) == []
    for part in (
        "parameters      102 (94 trainable)",
        "24 per epoch of batch 64, 96 in all",
        "from 20 steps of",
        "runs/tiny-digits-tiny-0-TIME",
        "  result.json",
        "learning_rate: 0.1",
    ):
        assert part in text, part


@pytest.mark.keras
def test_a_dry_run_needs_no_data_of_a_published_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("XDG_CACHE_HOME", "KERAS_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    monkeypatch.delenv("ARCHC_DATA", raising=False)
    request = TrainingRequest(
        spec=SPEC,
        recipe="he2015",
        data="mnist",
        sets=["data.fit=resize", "data.validation=5000"],
    )
    text = dry(request)
    for part in (
        "55,000 to train on, 5,000 to choose by, 10,000 to test on",
        "430 per epoch of batch 128, 64,000 in all",
        "estimated: weights ",
        "data: mnist, not on this machine (four IDX files in ./data)",
        "expected time   not measured: the images are not on this machine",
        "  steps 1-32,000 ",
    ):
        assert part in text, text[:2000]
    # what its sizes say is wrong is wrong without the images, too
    with pytest.raises(DataError, match="has 10 classes, but the network separates 1000"):
        dry(replace(request, sets=["classes=1000", *request.sets]))
    with pytest.raises(DataError, match="the network takes 8x8x1"):
        dry(replace(request, sets=()))
    with pytest.raises(DataError, match="was not found"):
        prepare(request, silent)


@pytest.mark.keras
def test_a_run_that_ends_before_the_first_boundary_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the images that there are: 40 steps of the digits are less than two epochs."""
    monkeypatch.chdir(tmp_path)
    message: list[str] = []
    for steps in (40, 60):
        prepare(
            TrainingRequest(
                spec=SPEC, recipe=RECIPE, sets=["train.epochs=null", f"train.steps={steps}"]
            ),
            message.append,
        )
    (reported,) = (line for line in message if "boundary-after-end" in line)
    assert (
        "the rate never changes at 2: the run has 2 epochs (at 24 steps per epoch), counted from 0"
        in reported
    )


@pytest.mark.keras
def test_what_a_run_was_made_with_is_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_tiny(folder, epochs=1, kernels="portable", freeze=["stem"], seed=5)
    actual = json.loads((folder / "environment.json").read_text())
    assert (actual["kernels"], actual["options"]["freeze"], actual["seed"]) == (
        "portable",
        ["stem"],
        5,
    )
    message: list[str] = []
    run_tiny(folder, resume=True, epochs=2, say=message.append)
    assert not [line for line in message if line.startswith("warning")]
    run_tiny(folder, resume=True, epochs=3, kernels="fused", say=message.append)
    assert any(
        "kernels is portable there and fused here: the last bits" in line for line in message
    )
