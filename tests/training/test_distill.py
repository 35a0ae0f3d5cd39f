"""A training that learns from a run: resumed to the bit, and only from the run as it was."""

import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from archcompile.engine import Statistics, Teacher
from archcompile.errors import DataError, SpecError, UsageError
from archcompile.recipe import Distill
from archcompile.run_folder import Identity
from archcompile.run_folder.folder import Run, open_run
from archcompile.training.api import train
from tests.training.runs import (
    SPEC,
    TinyRun,
    assert_same_end,
    history,
    run_tiny,
    silent,
    train_until,
)
from tests.warm import PIPE, WarmProcess

pytestmark = pytest.mark.keras


@pytest.fixture
def teacher(tiny_run: TinyRun, tmp_path: Path) -> Path:
    """A run that tests may change."""
    return Path(shutil.copytree(tiny_run(epochs=2), tmp_path / "teacher"))


def sets(teacher: Path | str) -> list[str]:
    rule = f"{{teacher: {teacher}, weight: 0.75, temperature: 3}}"
    return [f"train.distill={rule}", "train.checkpoint.steps=9", "train.batch_size=100"]


def identity_of(run: Run) -> Identity:
    identity = run.identity()
    assert identity is not None
    return identity


def test_the_loss_is_that_of_hinton() -> None:
    """Of logits of both, in numpy; each by itself with sigmoids."""
    import tensorflow as tf

    from archcompile.engine.distillation import distil, soft_targets
    from archcompile.engine.tensorflow.losses import CrossEntropy
    from tests.engine.test_loss_terms import COUNT, LOGITS, graph_of

    rule = Distill(teacher="x", weight=0.3, temperature=2.5)
    logits = np.random.default_rng(1).normal(0.0, 3.0, LOGITS.shape).astype(np.float32)
    losses = np.arange(COUNT, dtype=np.float32)

    def actual(output: str, activation: str) -> np.ndarray:
        model = graph_of(activation)
        entropy = CrossEntropy(model, output)  # type: ignore[arg-type]

        @tf.function
        def mix() -> tf.Tensor:
            targets = soft_targets(rule, entropy, model(logits))
            return distil(rule, entropy, losses, outputs=model(LOGITS), targets=targets)

        return np.asarray(mix())

    def softmax(values: np.ndarray) -> np.ndarray:
        powers = np.exp(values.astype(np.float64) / 2.5)
        return powers / powers.sum(axis=1, keepdims=True)

    soft = -(softmax(logits) * np.log(softmax(LOGITS))).sum(axis=1)
    expected = 0.7 * losses + 0.3 * 2.5**2 * soft
    np.testing.assert_allclose(actual("probabilities", "softmax"), expected, rtol=1e-5)
    ours, its = (1 / (1 + np.exp(-x.astype(np.float64) / 2.5)) for x in (LOGITS, logits))
    soft = -(its * np.log(ours) + (1 - its) * np.log(1 - ours)).mean(axis=1)
    expected = 0.7 * losses + 0.3 * 2.5**2 * soft
    np.testing.assert_allclose(actual("sigmoids", "sigmoid"), expected, rtol=1e-5)


def test_its_images_are_prepared_as_its_own_were() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (3, 4, 4, 2)).astype(np.float64)
    after = Statistics(np.float32([0.4, 0.5]), np.float32([0.2, 0.3]))
    before = Statistics(random.random((4, 4, 2), np.float32), None)
    teacher = Teacher(graph=None, tensors={}, statistics=after, scale=100.0)  # type: ignore[arg-type]
    bridge = teacher.bridge(before, 255.0)
    assert bridge is not None
    factor, offset = bridge
    expected = after.prepare(pixels, 100.0)
    np.testing.assert_allclose(
        before.prepare(pixels, 255.0) * factor + offset, expected, atol=1e-5, rtol=1e-5
    )
    assert teacher.bridge(after, 100.0) is None


def test_killed_and_resumed(teacher: Path, tmp_path: Path) -> None:
    """In a process of its own, and from a folder that the teacher is named from otherwise."""
    folder, settings = tmp_path / "run", sets(teacher)
    process = WarmProcess(train_until, 23, str(folder), settings, stderr=PIPE)
    message = process.communicate(timeout=300)[1]
    assert process.returncode == -signal.SIGKILL, message
    train(run_dir=folder, resume=True, say=silent)
    whole = run_tiny(tmp_path / "whole", sets=settings)
    assert_same_end(folder, whole.path)
    plain = run_tiny(tmp_path / "plain", sets=settings[1:])
    assert history(whole.path) != history(plain.path)
    record = identity_of(whole).record
    assert set(record["teacher"]) == {"spec", "weights"}
    assert "teacher" not in record["recipe"]["distill"]
    assert "teacher" not in identity_of(plain).record


def test_a_changed_teacher_is_refused(teacher: Path, tmp_path: Path) -> None:
    run_tiny(tmp_path / "run", sets=sets(teacher), epochs=1)
    train(run_dir=teacher, resume=True, epochs=3, say=silent)
    with pytest.raises(DataError, match=r"is another run: teacher\.weights is [0-9a-f]{12}…"):
        train(run_dir=tmp_path / "run", resume=True, epochs=2, say=silent)
    moved = teacher.rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=str(teacher)):
        train(run_dir=tmp_path / "run", resume=True, epochs=2, say=silent)
    assert open_run(moved)


def test_a_moved_teacher_is_the_same(teacher: Path, tmp_path: Path) -> None:
    run = run_tiny(tmp_path / "run", sets=sets(teacher), epochs=1)
    moved = teacher.rename(tmp_path / "elsewhere")
    setting = f"train.distill.teacher={moved}"
    train(run_dir=run.path, resume=True, epochs=2, sets=[setting], say=silent)
    assert len(history(run.path)) == 2


UNFIT = {
    "size": ("[8, 8, 1]", "[4, 4, 1]", "it takes images of 8x8x1, not 4x4x1"),
    "outputs": ("softmax", "sigmoid", "it outputs one class of several, not a sigmoid for each"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_cannot_teach(name: str, teacher: Path, tmp_path: Path) -> None:
    before, after, message = UNFIT[name]
    spec = tmp_path / "net.yaml"
    spec.write_text(Path(SPEC).read_text().replace(before, after))
    more = ["data.fit=resize", *(["train.loss.kind=binary"] if name == "outputs" else [])]
    with pytest.raises(SpecError) as caught:
        run_tiny(tmp_path / "run", spec=str(spec), sets=[*sets(teacher), *more])
    (error,) = caught.value.diagnostics
    assert error.code == "unfit-teacher" and message in error.message
    assert "train.distill" in str(error.location)
