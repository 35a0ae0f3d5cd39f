"""The range test of a learning rate: steps of a training whose rate grows, and nothing kept."""

from collections.abc import Iterator
from pathlib import Path

from archcompile.errors import UsageError
from archcompile.messages import Say, to_stderr
from archcompile.outputs import make_folder, save
from archcompile.recipe import RateRange, growing_rates, has_diverged, rate_range
from archcompile.report import draw_rate_range
from archcompile.training.api import describe
from archcompile.training.plan import Plan
from archcompile.training.preparation import prepare
from archcompile.training.request import TrainingRequest
from archcompile.training.session import begin_weights, statistics_of, trainer_of

PICTURE = "find_rate.svg"


def find_rate(request: TrainingRequest, say: Say = to_stderr) -> Iterator[str]:
    """The words of `archc train --find-rate`; draws its picture. Raises as `train` does."""
    if request.resume or request.run_dir:
        option = "--resume" if request.resume else "--run-dir"
        raise UsageError(
            f"{option} and --find-rate cannot go together: a range test keeps no run",
            hint=f"omit {option}; --init starts from the weights of a run",
        )
    plan, _ = prepare(request, say)
    if plan.devices.workers > 1:
        raise UsageError("--find-rate is for one process", hint="unset what names the others")
    for text in describe(plan):
        say(text)
    test = _run(plan, say)
    yield from range_words(test)
    place = Path("build") / plan.graph.name / PICTURE
    make_folder(place.parent)
    title = f"{plan.graph.name}, recipe {plan.recipe.name}, {plan.data.label}"
    save(place, draw_rate_range(test, title, place.suffix.removeprefix(".")))
    yield f"picture: {place}"


def _run(plan: Plan, say: Say) -> RateRange:
    trainer = trainer_of(plan, statistics_of(plan))
    begin_weights(plan, trainer, say)
    rates, losses = growing_rates(), list[float]()
    total, images = 0.0, 0
    for step, rate in enumerate(rates):
        if step % trainer.steps == 0:
            total, images = 0.0, 0
        trainer.run(step, [rate])
        seen = trainer.images_in(step % trainer.steps + 1)
        so_far = trainer.means()["cross_entropy"] * seen
        losses.append((so_far - total) / (seen - images))
        total, images = so_far, seen
        if has_diverged(losses):
            break
    return rate_range(rates, losses)


def range_words(test: RateRange) -> Iterator[str]:
    count, last = len(test.rates), test.rates[-1] if test.rates else 0.0
    if test.suggestion is None or test.lowest is None:
        yield f"{count} steps, up to a rate of {last:.2g}: the loss fell at none of them"
        yield "no suggestion: images, labels or the network may be at fault, or the batch too small"
        return
    yield f"{count} steps, up to a rate of {last:.2g}"
    yield f"least loss      {min(test.smoothed):.4g} at {test.lowest:.2g}"
    yield (
        f"suggestion      --set train.optimizer.learning_rate={test.suggestion:.2g}: a tenth; "
        f"rates of {test.lowest:.2g} and more are too high"
    )
