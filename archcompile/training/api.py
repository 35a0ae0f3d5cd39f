"""Training from start to result: what `archc train` and `archcompile.train` do."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import archcompile
from archcompile.analyses import depth, head, head_words, not_two_classes_error, one_output_hint
from archcompile.api import LayerGraph
from archcompile.data import ClassesDiffer, Dataset, sources
from archcompile.engine.tensorflow import check_freeze
from archcompile.engine.tensorflow import devices as machines
from archcompile.errors import UsageError
from archcompile.limits import MAX_SEED
from archcompile.recipe import Recipe, decay_words, find, lint, read, recipe_of
from archcompile.run_files import is_left_by_a_start
from archcompile.run_folder import Run, identity_of, inputs, locked
from archcompile.run_folder import folder as runs
from archcompile.spec.check import class_setting_of
from archcompile.spec.loading import split_sets
from archcompile.spec.yaml import Map
from archcompile.training.initial_weights import check_init
from archcompile.training.limit import seconds_of
from archcompile.training.options import Options
from archcompile.training.plan import Plan
from archcompile.training.session import execute
from archcompile.training.tensorboard import check_board

Say = Callable[[str], None]


def to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a command asks for; None stands for what the spec, the recipe, or the run that is
    resumed says of itself.
    """

    spec: str | Path | None = None
    recipe: str | Path | None = None
    data: str | None = None
    data_dir: str | Path | None = None
    epochs: int | None = None
    seed: int | None = None
    sets: Sequence[str] = ()
    run_dir: str | Path | None = None
    resume: bool = False
    force: bool = False
    init: str | Path | None = None
    freeze: Sequence[str] = ()
    time_limit: str | None = None
    device: str | None = None
    kernels: str | None = None
    deterministic: bool = False
    tensorboard: bool = False


def train(spec: str | Path | None = None, *, say: Say = to_stderr, **wanted: Any) -> Run:
    """Trains the network of a spec and leaves a run directory; returns it with its result and
    history.

    The keywords are those of `Request`. `recipe` and `data` go before what the spec and the recipe
    name; `sets` are settings `K=V` as on the command line; the seed decides initial weights, order,
    augmentation and how data are split. Keras' and NumPy's global random seeds are set on the way.
    Raises SpecError, UsageError (exit code 2), MissingError (3), DataError (4), TrainingStopped
    (5), Interrupted (130, 143).
    """
    return start(Request(spec=spec, **wanted), say)


def start(wanted: Request, say: Say = to_stderr) -> Run:
    """`train`, asked in one piece."""
    plan, resumed = prepare(wanted, say)
    chief = plan.devices.chief
    place = wanted.run_dir
    if place is not None and (
        wanted.resume or not chief
    ):  # of several processes each has been told the folder
        run = Run(Path(place))
    elif resumed:
        run = resumed
    else:
        run = runs.create(
            None if place is None else Path(place),
            prefix(plan.graph, plan.recipe, plan.options.seed),
        )
    with locked(run.path, say) if chief else nullcontext():
        for line in (f"run folder: {run.path}", *described(plan)) if chief else ():
            say(line)
        try:
            return execute(plan, run, resumed is not None, say=say if chief else _nothing)
        except KeyboardInterrupt:  # before or after the epochs, while signals are not deferred
            if not run.checkpoints.exists():
                say("nothing was written yet")
            raise


def _nothing(text: str) -> None:
    """The processes beside the chief say nothing."""


def described(plan: Plan) -> list[str]:
    """What a run says of itself before it starts."""
    rule = plan.recipe.regularisation
    lines = [
        f"data: {plan.data.label}, from {plan.data.place}",
        *plan.data.notes,
        f"device: {', '.join(plan.devices.names)}; {plan.recipe.precision}",
    ]
    if rule != "spec":
        lines.append(decay_words(rule))
    lines += [*map(str, plan.head.notes), *head_words(plan.head, plan.data.classes)]
    if plan.options.freeze:
        lines.append(f"not trained: {', '.join(plan.options.freeze)}")
    return lines


def prepare(wanted: Request, say: Say) -> tuple[Plan, Run | None]:
    """Everything that is checked before anything is written, and the run to be resumed, if one is.
    Raises as `train`.
    """
    began = time.perf_counter()
    place = None if wanted.run_dir is None else Path(wanted.run_dir)
    if machines.workers() > 1 and place is None:
        raise UsageError(
            "several processes that train together need one folder", hint="name it with --run-dir"
        )
    resumed = _interrupted(place, wanted, say) if wanted.resume and place is not None else None
    length = [] if wanted.epochs is None else [f"train.epochs={wanted.epochs}"]
    # before what is set, since a length set besides is a mistake
    instead = ["train.steps=null"] if length else []
    for_spec, for_recipe = split_sets([*instead, *wanted.sets, *length])
    spec = _spec(wanted, resumed)
    graph = archcompile.compile(str(spec), sets=for_spec)
    for note in graph.notes if not wanted.resume else ():
        say(str(note))
    options = _options(wanted, graph, resumed, began=began)
    chosen = _recipe(wanted, graph, for_recipe, resumed=resumed)
    dataset = _dataset(chosen, graph, wanted, resumed=resumed, seed=options.seed)
    if not wanted.resume:
        _remark(_tree(wanted, graph, for_recipe, resumed=None), graph, len(dataset.train), say=say)
    identity = identity_of(graph, chosen, dataset, options=options.identity())
    if wanted.resume and place is None:
        resumed = runs.unfinished(prefix(graph, chosen, options.seed), identity)
        say(f"resuming {resumed.path}")
        inputs.check(resumed, say)
        options = _options(wanted, graph, resumed, began=began)
        # its own, which has its length too
        chosen = _recipe(replace(wanted, recipe=None), graph, for_recipe, resumed=resumed)
    elif resumed is not None and not options.force:
        runs.check_same(resumed, identity)
    elif place is not None and not wanted.resume:
        runs.check_free(place)
    devices = machines.choose(options.device, options.deterministic)
    machines.check_spread(chosen, len(dataset.train), devices)
    return Plan(
        spec=spec, graph=graph, recipe=chosen, data=dataset, options=options, devices=devices
    ), resumed


def _interrupted(place: Path, wanted: Request, say: Say) -> Run | None:
    """The run in a folder; None where it was killed before it had written anything of use. Raises
    UsageError, DataError.
    """
    if wanted.spec is not None and is_left_by_a_start(place):
        say(f"nothing was written in {place} yet: starting from the beginning")
        return None
    run = runs.existing(place)
    inputs.check(run, say)
    return run


def _spec(wanted: Request, resumed: Run | None) -> str | Path:
    """What is trained: what the command names, or the run that is resumed."""
    if wanted.spec is not None:
        return wanted.spec
    if resumed is None:
        raise UsageError("name a spec to train", hint="only --resume --run-dir DIR goes without")
    return resumed.path / "resolved.yaml"


def _options(wanted: Request, graph: LayerGraph, resumed: Run | None, *, began: float) -> Options:
    """The options of the command; what it leaves open is taken over from the run that is
    resumed.
    """
    before = resumed.options() if resumed else {}
    seed = wanted.seed if wanted.seed is not None else before.get("seed", 0)
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"the seed must be between 0 and {MAX_SEED}, got {seed}")
    init = str(Path(wanted.init).absolute()) if wanted.init else before.get("init")
    if wanted.init:
        check_init(str(init))
    freeze = tuple(wanted.freeze) or tuple(before.get("freeze", ()))
    check_freeze(graph, freeze)
    if wanted.tensorboard:
        check_board()
    kernels: Any = wanted.kernels or before.get("kernels", "fused")
    return Options(
        seed=seed,
        kernels=kernels,
        deterministic=wanted.deterministic or before.get("deterministic", False),
        device=wanted.device,
        time_limit=seconds_of(wanted.time_limit) if wanted.time_limit else None,
        began=began,
        init=init,
        freeze=freeze,
        force=wanted.force,
        tensorboard=wanted.tensorboard or before.get("tensorboard", False),
    )


def _recipe(
    wanted: Request, graph: LayerGraph, sets: Sequence[str], *, resumed: Run | None
) -> Recipe:
    """The recipe of the command; or that of the run that is resumed, with all that was set when it
    began.
    """
    chosen = recipe_of(_tree(wanted, graph, sets, resumed=resumed))
    if wanted.data is not None:
        chosen = chosen.model_copy(
            update={"data": chosen.data.model_copy(update={"source": wanted.data})}
        )
    return chosen.for_depth(depth(graph))


def _tree(wanted: Request, graph: LayerGraph, sets: Sequence[str], *, resumed: Run | None) -> Map:
    own = None if resumed is None else resumed.path / "recipe.yaml"
    given = (
        own
        if own is not None and own.exists() and wanted.recipe is None
        else wanted.recipe or graph.recipe
    )
    if given is None:
        raise UsageError(
            f"{graph.name} names no recipe",
            hint="choose one with --recipe, for example --recipe article",
        )
    return read(find(given), sets)


def _remark(tree: Map, graph: LayerGraph, pictures: int, *, say: Say) -> None:
    """Tells what a recipe says without effect, on so many pictures to train on."""
    chosen = recipe_of(tree)
    for finding in lint(chosen, tree, graph, pictures=pictures + chosen.data.validation):
        if finding.severity == "warning":
            say(str(finding))


def prefix(graph: LayerGraph, chosen: Recipe, seed: int) -> str:
    return runs.prefix(graph.name, sources.resolve(_source(chosen))[0], chosen.name, seed=seed)


def _source(chosen: Recipe) -> str:
    if chosen.data.source is None:
        raise UsageError(
            f"the recipe {chosen.name} names no data",
            hint="choose some with --data, for example cifar10",
        )
    return chosen.data.source


def _dataset(
    chosen: Recipe, graph: LayerGraph, wanted: Request, *, resumed: Run | None, seed: int
) -> Dataset:
    """The pictures, of the shape and with the classes the network expects: for a run that is
    resumed, its own.
    """
    if graph.classes is None or len(graph.input_shape) != 3:
        raise UsageError(
            f"{graph.name} does not end in one vector of classes, so it cannot be trained to "
            "classify"
        )
    height, width, channels = graph.input_shape
    own = resumed.data() if resumed and wanted.data is None and wanted.data_dir is None else None
    source, place = own or (
        _source(chosen),
        None if wanted.data_dir is None else Path(wanted.data_dir),
    )
    ends = head(graph)
    skips = resumed is not None and resumed.skips_validation()
    try:
        found = sources.load(
            source,
            data_dir=place,
            wants=chosen.data,
            seed=seed,
            shape=(height, width, channels),
            classes=ends.classes,
            skips_validation=skips,
        )
    except ClassesDiffer as error:
        if ends.output == "sigmoid":
            raise not_two_classes_error(ends, error.label, error.classes) from error
        is_one_unit = ends.classes == 1 and error.classes == 2
        error.hint = (
            one_output_hint(ends)
            if is_one_unit
            else class_setting_of(graph.spec_text, error.classes)
        )
        raise
    return replace(found, train=found.train.aligned())
