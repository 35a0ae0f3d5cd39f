"""How long a run may take: what fits into a time, and what is left when it is over."""

from pathlib import Path

import pytest

from archcompile.errors import SpecError, UsageError
from archcompile.inference.evaluation import evaluate
from archcompile.run_folder import checkpoint
from archcompile.training import loop as fit
from archcompile.training.limit import Limit, refit, seconds_of
from tests.conftest import rarely
from tests.training.runs import (
    TinyRun,
    assert_same_end,
    at_step,
    history,
    run_tiny,
    silent,
)

ONE_CYCLE = ["train.schedule={kind: one_cycle}", "train.fit_time=true"]


@pytest.fixture
def whole(tiny_run: TinyRun) -> Path:
    return tiny_run(epochs=4)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("2h", 7200), ("1m5s", 65)],
)
def test_a_time(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "m", "1d", "-3m", "1.5h", "10 m", "0s"])
def test_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="`time_limit`"):
        seconds_of(text)


def test_the_steps_that_fit_into_a_time() -> None:
    """After 25 steps of a second, with 100 s left and evaluations of 5 s every 10 steps: 14 s to
    close, 86 / 1.5 steps.
    """
    limit = Limit(deadline=125.0, stretches=True, images=99, evaluation=5.0, outcome=99)
    for another in range(1, 26):
        limit.count_steps(1, float(another))
    each = limit.step_seconds(25.0)
    assert each == 1.0
    assert limit.steps_left(25.0, each, batch=8, epoch=10) == 57
    assert not limit.is_over(110.0, each, 8) and limit.is_over(110.1, each, 8)


def test_what_is_kept_for_the_end() -> None:
    """Building took 3 s; few images are kept to follow the run by, and many are scored at its
    end: 2,400 at 1/24 s each.
    """
    limit = Limit(deadline=200.0, stretches=False, images=24, outcome=2400, opened=6.0)
    limit.count_steps(1, 9.0)
    assert limit.step_seconds(9.0) is None
    limit.count_steps(1, 10.0)
    limit.count_steps(1, 11.0)
    each = limit.step_seconds(11.0)
    assert each == 1.0  # known before the steps are warm, so that slow ones do not run over
    kept = 4 + 3 + 1 + 100
    assert not limit.is_over(200 - kept - 1.0, each, batch=8) and limit.is_over(
        200 - kept - 0.9, each, batch=8
    )
    limit.note_evaluation(2.0)
    assert limit.step_seconds(13.0) == 1.0


def test_a_schedule_is_stretched_from_where_it_is() -> None:
    from archcompile.recipe.rates import Pace

    pace = refit(Pace(epoch=10, total=100), 20, 40)
    assert pace.total == 60 and [pace.at(step) for step in (20, 40, 60)] == pytest.approx(
        [0.2, 0.6, 1.0]
    )


class Clock:
    """Ticks a second at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.mark.keras
def test_a_limit_ends_a_run_that_can_go_on(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        at_step(patch, 40, lambda: patch.setattr(Limit, "is_over", lambda *args: True))
        patch.setattr(Limit, "is_over", lambda *args: False)
        actual = run_tiny(folder, time_limit="1h").result
    assert actual is not None
    assert (actual["finished"], actual["epochs"], actual["steps"]) == (False, 1, 40)
    assert len(history(folder)) == 1 and (folder / "model.keras").exists()
    assert evaluate(folder, say=silent).scores.accuracy == actual["test_accuracy"]
    run_tiny(folder, resume=True)
    assert_same_end(folder, whole)


@pytest.mark.keras
def test_a_schedule_is_fitted_to_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step takes a second of a clock of our own; 100 s are given for what would be 2,400
    steps.
    """
    clock = Clock()
    monkeypatch.setattr(fit, "now", clock)
    monkeypatch.setattr("archcompile.training.preparation.time.perf_counter", lambda: 0.0)
    run = run_tiny(tmp_path / "run", epochs=100, time_limit="100s", sets=ONE_CYCLE)
    state = checkpoint.read(checkpoint.latest_first(run.checkpoints)[0]).state
    assert run.result is not None and run.result["finished"]
    assert 60 < state.step == state.pace.total < 100 and clock.now < 100
    assert state.pace.at(state.step) == 1.0 and state.pace.at(state.step - 1) < 1.0
    rates = [float(row["learning_rate"]) for row in history(run.path)]
    assert max(rates) > 0.05 and rates[-1] < max(rates)


@pytest.mark.keras
@pytest.mark.parametrize("lost", [rarely(0.0), 160.0])
def test_a_schedule_that_time_cut_short_is_told(
    lost: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second a step as above; after 30 of them, the machine stands still for `lost` seconds."""
    clock, words = Clock(), list[str]()

    def stand_still() -> None:
        clock.now += lost

    monkeypatch.setattr(fit, "now", clock)
    monkeypatch.setattr("archcompile.training.preparation.time.perf_counter", lambda: 0.0)
    at_step(monkeypatch, 30, stand_still)
    options = {"epochs": 100, "time_limit": "200s", "sets": ONE_CYCLE}
    run_tiny(tmp_path / "run", **options, say=words.append)
    assert any("the time was too short for the schedule" in text for text in words) == bool(lost)


def test_boundaries_cannot_be_stretched(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="boundaries of a piecewise one are fixed"):
        run_tiny(tmp_path / "run", sets=["train.fit_time=true"])
