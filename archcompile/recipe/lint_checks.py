"""The checks of a recipe: what it says without effect, or other than its author may have meant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from archcompile.errors import Diagnostic, plural
from archcompile.recipe.lint_subject import LintSubject
from archcompile.recipe.model import Recipe
from archcompile.recipe.monitors import is_on_held_out
from archcompile.recipe.moving_averages import LAGGING, lag_words, share_of_start
from archcompile.recipe.optimizers import SGD, Adam
from archcompile.recipe.resolved import place
from archcompile.recipe.schedules import Piecewise
from archcompile.recipe.sections import Decay
from archcompile.recipe.spec_l2 import layer_count, spec_l2


def _plateau_overridden(about: LintSubject) -> Iterator[Diagnostic]:
    if about.recipe.plateau is not None and about.recipe.schedule is not None:
        warning = about.warn(
            "plateau-overridden",
            ("plateau",),
            message="the plateau rule has no effect: the schedule sets the rate anew at every step",
            hint="remove `plateau`, or `schedule`",
        )
        yield replace(warning, notes=(("the schedule", place(about.tree, "schedule")),))


def _plateau_never_fires(about: LintSubject) -> Iterator[Diagnostic]:
    rule, epochs = about.recipe.live_plateau, about.end("epochs")
    if rule is not None and epochs is not None and rule.patience + 2 > epochs:
        yield about.warn(
            "plateau-never-fires",
            ("plateau", "patience"),
            message=f"the plateau rule changes no rate in {plural(epochs, 'epoch')}: "
            f"the first has nothing to compare with, {rule.patience} must "
            "fail to improve, and only the next has the new rate",
            hint="choose a smaller `patience`",
        )


def _boundary_after_end(about: LintSubject) -> Iterator[Diagnostic]:
    schedule = about.recipe.schedule
    if not isinstance(schedule, Piecewise):
        return
    end = about.end(schedule.unit)
    late = [i for i, at in enumerate(schedule.boundaries) if end is not None and at >= end]
    if late:
        *others, last = [f"{schedule.boundaries[i]:,}" for i in late]
        places = f"{', '.join(others)} and {last}" if others else last
        what = "boundaries and their factors" if others else "boundary and its factor"
        yield about.warn(
            "boundary-after-end",
            ("schedule", "boundaries", late[0]),
            message=f"the rate never changes at {places}: "
            f"{about.length(schedule.unit)}, counted from 0",
            hint=f"remove the {what}, or train longer",
        )


def _warmup_outlasts_run(about: LintSubject) -> Iterator[Diagnostic]:
    rule, end = about.recipe.warmup, about.end("steps")
    if rule is not None and end is not None and rule.steps >= end:
        yield about.warn(
            "warmup-outlasts-run",
            ("warmup", "steps"),
            message=f"the warm-up of {rule.steps:,} steps is never over: {about.length('steps')}",
            hint="shorten the warm-up, or train longer",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Idle:
    """A setting that another value makes idle: its path, the reason and what to do about it."""

    path: tuple[str, ...]
    reason: str
    hint: str


def _setting_without_effect(about: LintSubject) -> Iterator[Diagnostic]:
    """Values that are written, and that another value makes idle."""
    for setting in (*_idle_settings(about.recipe), *_idle_losses(about.recipe)):
        if about.has_key(*setting.path):
            yield about.warn(
                "setting-without-effect",
                setting.path,
                message=f"`{'.'.join(setting.path)}` has no effect: {setting.reason}",
                hint=setting.hint,
            )


def _idle_settings(recipe: Recipe) -> Iterator[_Idle]:
    augment, optimizer, warmup = recipe.augment, recipe.optimizer, recipe.warmup
    if isinstance(optimizer, SGD) and optimizer.nesterov and not optimizer.momentum:
        yield _Idle(
            path=("optimizer", "nesterov"),
            reason="Nesterov's form differs only with momentum",
            hint="give a `momentum`",
        )
    if not (augment.shift or augment.pad_crop):
        yield _Idle(
            path=("augment", "fill"),
            reason="nothing comes in from outside, since images are not moved",
            hint="give a `shift` or a `pad_crop`",
        )
    if not augment.shift:
        yield _Idle(
            path=("augment", "interpolation"),
            reason="only a `shift` interpolates",
            hint="remove it",
        )
    if augment.resized_crop is not None:
        yield _Idle(
            path=("augment", "crop"),
            reason="`resized_crop` takes its part out of the whole image",
            hint="remove one of the two",
        )
    elif augment.crop == "random" and recipe.data.fit != "crop":
        yield _Idle(
            path=("augment", "crop"),
            reason="there is no canvas to crop from",
            hint="give `data: {fit: crop}`",
        )
    if augment.mix is not None and None in (augment.mix.mixup, augment.mix.cutmix):
        yield _Idle(
            path=("augment", "mix", "switch"),
            reason="there is only one way of mixing to choose",
            hint="give both `mixup` and `cutmix`",
        )
    if recipe.fit_time and recipe.schedule is None:
        yield _Idle(
            path=("fit_time",),
            reason="there is no schedule to stretch",
            hint="give a `schedule` such as `{kind: one_cycle}`; `--time-limit` ends a run without "
            "it too",
        )
    if warmup is not None and warmup.rise and warmup.factor == 1:
        yield _Idle(
            path=("warmup", "rise"),
            reason="a warm-up from 1 up to 1 changes nothing",
            hint="give a smaller `factor`",
        )


def _idle_losses(recipe: Recipe) -> Iterator[_Idle]:
    if recipe.distill is not None and recipe.distill.weight == 1:
        for path in (("label_smoothing",), ("loss", "focal"), ("loss", "class_weights")):
            yield _Idle(
                path=path,
                reason="the loss is all of the teacher's, and nothing of the labels",
                hint="give `distill` a smaller `weight`, or remove it",
            )
    focal = recipe.loss.focal
    if focal is not None and focal.gamma == 0 and focal.alpha is None:
        yield _Idle(
            path=("loss", "focal"),
            reason="with `gamma: 0` it is the plain cross-entropy",
            hint="give a larger `gamma`, or remove it",
        )


def _validation_unused(about: LintSubject) -> Iterator[Diagnostic]:
    data = about.recipe.data
    kept = f"the images of fold {data.fold}" if data.folds else f"{data.validation:,} images"
    rules = about.recipe.live_plateau, about.recipe.early_stop
    monitors = [about.recipe.checkpoint.monitor, *(rule.monitor for rule in rules if rule)]
    if data.holds_out and not any(map(is_on_held_out, monitors)):
        yield about.warn(
            "validation-unused",
            ("data", "folds" if data.folds else "validation"),
            message=f"{kept} are held out but choose nothing: the best epoch is the one "
            f"with the best `{monitors[0]}`, on the training images",
            hint="watch `val_accuracy`, or train on all images",
        )


def _test_set_chooses(about: LintSubject) -> Iterator[Diagnostic]:
    plateau, stop = about.recipe.live_plateau, about.recipe.early_stop
    held_out = "N" if about.images is None else str(max(1, about.images // 10))
    hint = f"hold out a tenth of the images for the choice: `data: {{validation: {held_out}}}`"
    if about.recipe.data.holds_out:
        return
    if plateau is not None and is_on_held_out(plateau.monitor):
        yield about.warn(
            "test-set-chooses",
            ("plateau",),
            message="the test set decides when the rate is lowered, so no accuracy measured on "
            "it is independent",
            hint=hint,
        )
    elif stop is not None and is_on_held_out(stop.monitor):
        yield about.warn(
            "test-set-chooses",
            ("early_stop",),
            message="the test set decides when the run ends, so its test accuracy is optimistic",
            hint=hint,
        )
    elif is_on_held_out(about.recipe.checkpoint.monitor):
        yield about.warn(
            "test-set-chooses",
            ("data", "validation"),
            message="the best epoch is chosen on the test set, so its test accuracy is optimistic; "
            "that of the last epoch is not",
            hint=hint,
        )


def _decay_against_l2(about: LintSubject) -> Iterator[Diagnostic]:
    """How strongly a network is regularised if its spec has an L2 that is kept or replaced."""
    rule = about.recipe.regularisation
    by_l2 = spec_l2(about.graph) if about.graph else {}
    for l2, nodes in by_l2.items():
        note = f"the L2 of {nodes[0].name}", nodes[0].origin.location
        if not isinstance(rule, Decay):
            warning = about.warn(
                "l2-is-twice-decay",
                ("regularisation",),
                message=f"the spec's `l2: {l2:g}`, in {layer_count(nodes)}, acts as a weight "
                f"decay of {2 * l2:g}",
                hint=f"for a weight decay of {l2:g} write "
                f"`regularisation: {{weight_decay: {l2:g}}}`",
            )
            yield replace(warning, notes=(note,))
        elif rule.weight_decay == l2 and not rule.decoupled:
            warning = about.warn(
                "decay-halves-l2",
                ("regularisation", "weight_decay"),
                message=f"the weight decay of {l2:g} replaces the spec's `l2: {l2:g}`, which "
                f"acts as one of {2 * l2:g}: half of the regularisation is left",
                hint=f"to keep its strength write `weight_decay: {2 * l2:g}`",
            )
            yield replace(warning, notes=(note,))


def _decay_through_adam(about: LintSubject) -> Iterator[Diagnostic]:
    rule = about.recipe.regularisation
    if isinstance(rule, Decay):
        decays = rule.weight_decay > 0 and not rule.decoupled
    else:
        decays = about.graph is not None and bool(spec_l2(about.graph))
    if decays and isinstance(about.recipe.optimizer, Adam):
        yield about.warn(
            "decay-through-adam",
            ("regularisation",) if isinstance(rule, Decay) else ("optimizer",),
            message="Adam divides the decay of each weight by the size of its gradients: weights "
            "with large gradients hardly decay",
            hint="this is L2 as Keras has it; `regularisation: {weight_decay: …, decoupled: true}` "
            "is AdamW (Loshchilov and Hutter 2019, section 2)",
        )


def _averages_lag(about: LintSubject) -> Iterator[Diagnostic]:
    """Norms are tested with averages that a short training does not bring up to date."""
    steps = about.end("steps")
    if about.graph is None or steps is None or share_of_start(about.graph, steps) < LAGGING:
        return
    length = "epochs" if about.recipe.epochs is not None else "steps"
    yield about.warn(
        "averages-lag",
        (length,),
        message=f"{lag_words(about.graph, steps)}: tests use them, and show less than was learned",
        hint="train longer, or give the norms a smaller `momentum`: "
        "`--set defaults.bn.momentum=0.9`",
    )


def _accuracy_of_mixed(about: LintSubject) -> Iterator[Diagnostic]:
    """Training figures that choose something, of images that are mixed."""
    recipe = about.recipe
    if recipe.augment.mix is None:
        return
    rules = {"checkpoint": recipe.checkpoint, "early_stop": recipe.early_stop}
    for name, rule in {**rules, "plateau": recipe.live_plateau}.items():
        if rule is not None and not is_on_held_out(rule.monitor):
            yield about.warn(
                "mixed-training-figures",
                (name, "monitor"),
                message=f"`{rule.monitor}` is measured on mixed images: it says little of how the "
                "network does on whole ones, and is no better in a better epoch",
                hint="watch `val_accuracy` or `val_loss`",
            )


CHECKS: tuple[Callable[[LintSubject], Iterator[Diagnostic]], ...] = (
    _plateau_overridden,
    _plateau_never_fires,
    _boundary_after_end,
    _warmup_outlasts_run,
    _setting_without_effect,
    _validation_unused,
    _test_set_chooses,
    _decay_against_l2,
    _decay_through_adam,
    _averages_lag,
    _accuracy_of_mixed,
)
