"""One run, once everything it needs has been checked: build, train, write down."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from archcompile import data as sources
from archcompile.api import LayerGraph
from archcompile.data.dataset import Dataset
from archcompile.errors import UsageError
from archcompile.quiet import load_keras
from archcompile.report import curves
from archcompile.spec.files import find_spec
from archcompile.spec.strict_yaml import read_text
from archcompile.train import checkpoint, files
from archcompile.train.machine import machine, session
from archcompile.train.preprocess import mean_picture
from archcompile.recipe.model import Recipe
from archcompile.train.run import Run
from archcompile.train.state import State, columns

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is to be trained, with what, on what. `spec` is the reference as given."""

    spec: str | Path
    graph: LayerGraph
    recipe: Recipe
    data: Dataset
    seed: int

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Two runs with one identity are the same training, as far as both have got."""
        return {"spec": self.graph.hash, "recipe": self.recipe.identity(), "data": self.data.fingerprint,
                "seed": self.seed}  # fmt: skip


def seeded_model(graph: LayerGraph, seed: int) -> Any:
    """The Keras model with initial weights that depend on `seed` alone.

    Initialisers and seed generators without a seed of their own draw one from Python's `random` when a layer is made;
    Keras' public way to fix that is to set all global seeds first. A generator's state is a variable of the model from
    then on, saved and resumed like the others.
    """
    load_keras().utils.set_random_seed(seed)
    return graph.to_keras()


def execute(plan: Plan, run: Run, resume: bool, say: Say) -> Run:
    """Trains into the run's folder, from its last intact checkpoint where it is resumed, and writes the outcome."""
    model = seeded_model(plan.graph, plan.seed)
    from archcompile.train.fit import fit  # TensorFlow, which `load_keras` has started without its noise
    from archcompile.train.loop import Evaluator, Trainer

    mean = mean_picture(plan.data.train, plan.recipe.preprocessing)
    trainer = Trainer(model, plan.recipe, plan.data.train, mean, plan.seed)
    if trainer.losses.from_logits:
        say("the network does not end in a softmax: its outputs are taken as logits")
    evaluator = Evaluator(model, plan.recipe, mean)
    here = machine()
    state = _restored(plan, run, trainer, here, say) if resume else State()
    _begin(plan, run, mean)
    state = fit(trainer, evaluator, plan.recipe, plan.data, run, state, plan.identity, here)
    return _finish(plan, run, model, state, say)


def _restored(plan: Plan, run: Run, trainer: Any, here: dict[str, Any], say: Say) -> State:
    """The state of the last intact checkpoint, its tensors put into the model; the beginning where there is none."""
    from archcompile.train.loop import arrays, assign

    variables = trainer.variables()
    paths = [path for _, path in sorted(checkpoint.found(run.checkpoints).items(), reverse=True)]
    last, damaged = checkpoint.newest(paths, plan.identity, checkpoint.signature(arrays(variables)))
    for sentence in damaged:
        say(f"warning: {sentence}; going on from the one before it")
    if last is None:
        say("no checkpoint yet: starting from the beginning")
        return State()
    if last.state.epoch > plan.recipe.epochs:
        raise UsageError(f"{run.path} has {last.state.epoch} epochs already, more than --epochs {plan.recipe.epochs}")
    assign(variables, last.tensors)
    say(f"resuming after epoch {last.state.epoch}, from {last.path}")
    for sentence in checkpoint.differences(last.machine, here):
        say(f"warning: {sentence}: the last bits may come out otherwise than without the interruption")
    return last.state


def _begin(plan: Plan, run: Run, mean: Any) -> None:
    """Everything that is known before the first step."""
    if not (run.path / "spec.yaml").exists():
        given = plan.graph.spec_text if str(plan.spec) == "-" else read_text(find_spec(str(plan.spec)))
        run.write("spec.yaml", given)
    run.write("resolved.yaml", plan.graph.spec_text)
    run.write("recipe.yaml", _found_again(plan).text())
    run.write_mean(mean)
    run.write_json("classes.json", list(plan.data.classes))
    started = session()
    if (run.path / "environment.json").exists():
        record = run.read_json("environment.json")
        record["resumed"].append(started)
    else:
        record = {
            **started,
            "seed": plan.seed,
            "identity": plan.identity,
            "dataset": _dataset(plan.data),
            "resumed": [],
        }
    run.write_json("environment.json", record)


def _found_again(plan: Plan) -> Recipe:
    """The recipe, with a source that is a path made absolute: the run is resumed from any folder."""
    wants = plan.recipe.data
    if plan.data.name not in sources.PLACED or wants.source in sources.SEARCHED:
        return plan.recipe
    return plan.recipe.model_copy(update={"data": wants.model_copy(update={"source": _place(plan.data)})})


def _place(data: Dataset) -> str:
    return str(Path(data.place).absolute()) if data.name in sources.PLACED else data.place


def _dataset(data: Dataset) -> dict[str, Any]:
    return {"name": data.name, "label": data.label, "place": _place(data), "fit": data.fit,
            "fingerprint": data.fingerprint, "train": len(data.train.labels), "test": len(data.test.labels)}  # fmt: skip


def _finish(plan: Plan, run: Run, model: Any, state: State, say: Say) -> Run:
    """The outcome; result.json comes last, so that a run which has one is complete."""
    last, best = state.history[-1], state.best
    assert best is not None  # there is a last epoch, so there is a best one
    run.write_history(state.history)
    with files.replacing(run.path / "model.keras") as part:
        model.save(part)
    for suffix in ("svg", "png"):
        title = f"{plan.graph.name}, recipe {plan.recipe.name}, {plan.data.label}"
        run.write(f"curves.{suffix}", curves.draw(columns(state.history), title, suffix))
    result = {
        "name": plan.graph.name, "hash": plan.graph.hash, "params": model.count_params(),
        "recipe": plan.recipe.name, "recipe_hash": plan.recipe.hash(), "seed": plan.seed, "epochs": state.epoch,
        "steps": state.step, "test_loss": last.val_loss, "test_accuracy": last.val_accuracy,
        "best": {"epoch": best.epoch, "test_accuracy": best.val_accuracy, "chosen_on": "test set"},
        "dataset": plan.data.label, "fit": plan.data.fit, "fingerprint": plan.data.fingerprint,
        "seconds": round(state.seconds, 3),
    }  # fmt: skip
    run.write_json("result.json", result)
    say(f"best epoch {best.epoch}: test accuracy {best.val_accuracy:.4f} (chosen on the test set)  [{plan.data.label}]")
    return Run(run.path, result, state.history)
