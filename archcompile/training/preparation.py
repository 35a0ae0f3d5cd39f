"""From what a command asks for to what is trained: a `TrainingRequest` becomes a `Plan`.

Three things are decided, one after the other. First the training: spec, recipe, data, and the
options that belong to it, taken over from the run that is resumed where its folder is named. These
make the identity of the training, by which a run to resume is otherwise searched for. Then the run.
Last what is no part of the identity, and may come from the run found: the length of the training,
and all other options.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import archcompile
from archcompile.analyses import head, not_two_classes_error, one_output_hint
from archcompile.api import LayerGraph
from archcompile.data import ClassesDiffer, DataNotFound, Dataset, sources
from archcompile.data_sources import DIGITS
from archcompile.engine import check_freeze, open_engine
from archcompile.errors import UsageError
from archcompile.limits import MAX_SEED
from archcompile.messages import Say
from archcompile.recipe import Recipe, check_parts, lint, recipe_of
from archcompile.run_files import RESOLVED, is_left_by_a_start
from archcompile.run_folder import Run, folder, inputs
from archcompile.spec.check import class_setting_of
from archcompile.spec.loading import split_sets
from archcompile.training.asked_recipe import apply_request, recipe_tree
from archcompile.training.initial_weights import check_init
from archcompile.training.label_checks import check_labels
from archcompile.training.limit import seconds_of
from archcompile.training.plan import Plan, Training
from archcompile.training.remarks import LENGTH, remark
from archcompile.training.request import TrainingRequest
from archcompile.training.teachers import read_teacher
from archcompile.training.tensorboard import check_board
from archcompile.training.training_options import Options, TrainingOptions


def prepare(
    request: TrainingRequest, say: Say, *, may_be_absent: bool = False
) -> tuple[Plan, Run | None]:
    """Checks everything before anything is written; returns the run to be resumed, if there is one.

    `may_be_absent`: of a published dataset that is not found, its sizes are enough. Raises as
    `train` does.
    """
    began = time.perf_counter()
    named = _named_run(request, say)
    for_spec, for_recipe = _settings(request)
    training, time_limit = _training(
        request, named, for_spec, for_recipe=for_recipe, say=say, may_be_absent=may_be_absent
    )
    resumed = _resumed_run(request, training, named, say=say)
    if resumed is not named:
        # found by its identity, of which the length is no part: only the run's own recipe has it
        tree = recipe_tree(None, training.graph, for_recipe, resumed=resumed)
        recipe = apply_request(recipe_of(tree), request, training.graph)
        training = replace(training, recipe=recipe)
    options = _options(request, training.options, resumed, time_limit=time_limit, began=began)
    engine = open_engine(options.engine)
    if request.kernels and request.kernels not in engine.KERNELS:
        raise UsageError(
            f"--kernels {request.kernels} chooses among those of TensorFlow, and --engine "
            f"{options.engine} has its own",
            hint="omit --kernels",
        )
    devices = engine.choose_devices(options.device, options.deterministic)
    plan = Plan(
        spec=training.spec,
        graph=training.graph,
        recipe=training.recipe,
        data=training.data,
        options=options,
        teacher=training.teacher,
        engine=engine,
        devices=devices,
    )
    if plan.recipe.xla and options.engine != "tensorflow":
        say("`xla: true` is for TensorFlow: here XLA compiles every step anyway")
    engine.check_spread(plan.recipe, len(plan.data.train), devices, kernels=plan.kernels)
    return plan, resumed


def prepare_training(request: TrainingRequest, say: Say) -> Training:
    """What a request for a new training is about, whatever engine does it; nothing is written.

    Raises as `train` does.
    """
    for_spec, for_recipe = _settings(request)
    training, _ = _training(request, None, for_spec, for_recipe=for_recipe, say=say)
    return training


# ---- the run that is resumed ----


def _named_run(request: TrainingRequest, say: Say) -> Run | None:
    """The run to resume whose folder the command names.

    None where there is none to resume, or it was killed before it had written anything of use.
    Raises UsageError, DataError.
    """
    place = request.place
    if place is None:
        if open_engine(request.engine or "tensorflow").count_processes() > 1:
            raise UsageError(
                "processes that train together need a common folder", hint="give it with --run-dir"
            )
        return None
    if not request.resume:
        return None
    if request.spec is not None and is_left_by_a_start(place):
        say(f"nothing has been written in {place} yet: starting from the beginning")
        return None
    run = folder.open_run(place)
    inputs.check(run, say)
    return run


def _resumed_run(
    request: TrainingRequest, training: Training, named: Run | None, *, say: Say
) -> Run | None:
    """The run to resume, named or searched for; None where the training is a new one.

    Raises UsageError, DataError.
    """
    if request.resume and request.place is None:
        prefix = prefix_of(training.graph, training.recipe, training.options.seed)
        run = folder.find_unfinished(prefix, training.identity)
        say(f"resuming {run.path}")
        inputs.check(run, say)
        return run
    if named is not None and not request.force:
        folder.check_same(named, training.identity)
    elif request.place is not None and not request.resume:
        folder.check_free(request.place)
    return named


# ---- spec and options ----


def _training(
    request: TrainingRequest,
    named: Run | None,
    for_spec: Sequence[str],
    *,
    for_recipe: Sequence[str],
    say: Say,
    may_be_absent: bool = False,
) -> tuple[Training, float | None]:
    """What is trained, and the limit on its time in seconds; says what is to be noted of it."""
    spec = _spec(request, named)
    graph = _graph(spec, for_spec)
    for note in graph.notes if not request.resume else ():
        say(str(note))
    options = _training_options(request, graph, Options.of_run(named))
    time_limit = _check_rest(request)
    tree = recipe_tree(request.recipe, graph, for_recipe, resumed=named)
    recipe_as_written = recipe_of(tree)
    check_parts(recipe_as_written, tree, graph)
    recipe = apply_request(recipe_as_written, request, graph)
    data = _dataset(
        recipe,
        graph,
        request,
        resumed=named,
        seed=options.seed,
        may_be_absent=may_be_absent,
    )
    check_labels(recipe_as_written, tree, head(graph), data=data)
    if not request.resume:
        images = len(data.train) + data.held_out
        remark(lint(recipe_as_written, tree, graph, images=images), request, say)
    training = Training(
        spec=spec,
        graph=graph,
        recipe=recipe,
        data=data,
        options=options,
        teacher=read_teacher(recipe, tree, graph, classes=data.classes, say=say),
    )
    return training, time_limit


def _settings(request: TrainingRequest) -> tuple[Sequence[str], Sequence[str]]:
    """The settings K=V for the spec, and those for the recipe."""
    if request.epochs is None:
        return split_sets(request.sets)
    # before what is set, since a length set besides is a mistake
    return split_sets(["train.steps=null", *request.sets, f"{LENGTH}={request.epochs}"])


def _graph(spec: str | Path | LayerGraph, sets: Sequence[str]) -> LayerGraph:
    """The network of a spec, or a graph that is one already. Raises SpecError, UsageError."""
    if not isinstance(spec, LayerGraph):
        return archcompile.compile(spec, sets=sets)
    if sets:
        raise UsageError(
            f"{spec.name} is compiled already, so {sets[0]} cannot be set",
            hint="give the settings to `compile`, or train the spec itself",
        )
    if archcompile.compile_text(spec.spec_text).hash != spec.hash:
        raise UsageError(
            f"{spec.name} was changed after it was compiled, so its spec is not what it is",
            hint="write a spec of that network, and train it",
        )
    return spec


def _spec(request: TrainingRequest, resumed: Run | None) -> str | Path | LayerGraph:
    """What is trained: what the command names, or the run that is resumed."""
    if request.spec is not None:
        return request.spec
    if resumed is None:
        raise UsageError("name a spec to train", hint="only --resume --run-dir DIR needs none")
    return resumed.path / RESOLVED


def _training_options(
    request: TrainingRequest, graph: LayerGraph, before: Options
) -> TrainingOptions:
    """The options that belong to the training; `before` are those of the run that is resumed."""
    seed = request.seed if request.seed is not None else before.seed
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"the seed: expected 0 to {MAX_SEED}, got {seed}")
    init = str(Path(request.init).absolute()) if request.init else before.init
    if request.init:
        check_init(str(init))
    freeze = request.frozen_parts or before.freeze
    check_freeze(graph, freeze)
    return TrainingOptions(seed=seed, init=init, freeze=freeze)


def _check_rest(request: TrainingRequest) -> float | None:
    """The time limit in seconds; checks it, and the other options that can be wrong."""
    if request.tensorboard:
        check_board()
    return seconds_of(request.time_limit) if request.time_limit else None


def _options(
    request: TrainingRequest,
    training_options: TrainingOptions,
    resumed: Run | None,
    *,
    time_limit: float | None,
    began: float,
) -> Options:
    """All options; what the command leaves open is that of the run that is resumed."""
    before = Options.of_run(resumed)
    return Options(
        seed=training_options.seed,
        init=training_options.init,
        freeze=training_options.freeze,
        engine=request.engine or before.engine,
        kernels=request.kernels or before.kernels,
        deterministic=request.deterministic or before.deterministic,
        device=request.device,
        time_limit=time_limit,
        began=began,
        force=request.force,
        tensorboard=request.tensorboard or before.tensorboard,
    )


# ---- recipe and data ----


def prefix_of(graph: LayerGraph, recipe: Recipe, seed: int) -> str:
    """What the name of a run's folder begins with."""
    return folder.prefix(graph.name, sources.resolve(_source(recipe))[0], recipe.name, seed=seed)


def _source(recipe: Recipe) -> str:
    if recipe.data.source is None:
        raise UsageError(
            f"the recipe {recipe.name} names no data",
            hint="choose one with --data, for example cifar10",
        )
    return recipe.data.source


def _dataset(
    recipe: Recipe,
    graph: LayerGraph,
    request: TrainingRequest,
    *,
    resumed: Run | None,
    seed: int,
    may_be_absent: bool,
) -> Dataset:
    """The images, of the shape and with the classes the network expects.

    For a run that is resumed they are its own, unless the command names others.
    """
    if graph.classes is None or len(graph.input_shape) != 3:
        raise UsageError(
            f"{graph.name} does not end in one vector of classes, so it cannot be trained to "
            "classify"
        )
    height, width, channels = graph.input_shape
    data_dir = None if request.data_dir is None else Path(request.data_dir)
    is_unnamed = request.data is None and request.data_dir is None
    run_data = resumed.data() if resumed and is_unnamed else None
    source, place = run_data or (_source(recipe), data_dir)
    ends = head(graph)
    try:
        dataset = sources.load(
            source,
            data_dir=place,
            wants=recipe.data,
            seed=seed,
            shape=(height, width, channels),
            classes=ends.classes,
            skips_validation=resumed is not None and resumed.skips_validation(),
            may_be_absent=may_be_absent,
        )
    except DataNotFound as error:
        if is_unnamed and request.recipe is None and ends.classes == DIGITS:
            error.hint = f"{error.hint}; `--recipe digits` has images without any of this"
        raise
    except ClassesDiffer as error:
        if ends.output == "sigmoid":
            raise not_two_classes_error(ends, error.label, error.classes) from error
        if ends.classes == 1 and error.classes == 2:
            error.hint = one_output_hint(ends)
        else:
            error.hint = class_setting_of(graph.spec_text, error.classes)
        raise
    return replace(dataset, train=dataset.train.align())
