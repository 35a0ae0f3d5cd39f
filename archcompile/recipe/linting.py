"""What a recipe says without effect, or other than its author may have meant. Each check reads the
recipe and its places.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from archcompile.errors import Diagnostic
from archcompile.recipe.codes import REMARKS, Code
from archcompile.recipe.measures import on_held_out
from archcompile.recipe.model import Recipe
from archcompile.recipe.optimizers import SGD, Adam
from archcompile.recipe.rates import Pace, pace_on
from archcompile.recipe.resolved import place
from archcompile.recipe.schedules import Piecewise, Unit
from archcompile.recipe.sections import Decay
from archcompile.recipe.spec_l2 import layers, spec_l2
from archcompile.spec.yaml import Map, Tree

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph

# at times not told without a network
WITH_SPEC = (
    "decay-halves-l2",
    "l2-is-twice-decay",
    "decay-through-adam",
)
# at times not told without their number
WITH_PICTURES = (
    "boundary-after-end",
    "warmup-outlasts-run",
    "plateau-never-fires",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A recipe, the tree it was read from, and what is known besides: the network, and the pace at
    a number of pictures.
    """

    recipe: Recipe
    tree: Map
    graph: "LayerGraph | None"
    pace: Pace | None

    def end(self, unit: Unit) -> int | None:
        """Where the run ends, in epochs begun or steps; None where it is given in epochs and no
        pace is known.

        Steps without a pace are at most as many epochs, since each epoch has one at least.
        """
        given = self.recipe.epochs if unit == "epochs" else self.recipe.steps
        if given is not None:
            return given
        if self.pace is None:
            return self.recipe.steps
        return self.pace.total if unit == "steps" else ceil(self.pace.total / self.pace.epoch)

    def length(self, unit: Unit) -> str:
        """`end` in words, with the pace it depends on."""
        end = self.end(unit)
        if unit == "epochs" and self.recipe.epochs is None and self.pace is None:
            return f"the run has {end:,} steps, and so {end:,} epochs at most"
        given = self.recipe.epochs if unit == "epochs" else self.recipe.steps
        pace = f" (at {self.pace.epoch:,} steps an epoch)" if given is None and self.pace else ""
        return f"the run has {end:,} {unit if end != 1 else unit[:-1]}{pace}"

    def wrote(self, *path: str) -> bool:
        tree: Tree | None = self.tree
        for part in path:
            tree = tree.get(part) if isinstance(tree, Map) else None
        return tree is not None


def lint(
    recipe: Recipe, tree: Map, graph: "LayerGraph | None" = None, *, pictures: int | None = None
) -> list[Diagnostic]:
    """Warnings and remarks (severity `note`) about a recipe read from a tree, in the order of its
    lines.

    What `allow` names is a note too. More can be told with the network it is for and the number of
    pictures in the training set. Raises UsageError where these are fewer than the recipe keeps for
    validation.
    """
    about = Subject(
        recipe=recipe,
        tree=tree,
        graph=graph,
        pace=None if pictures is None else pace_on(recipe, pictures),
    )
    found = [item for check in CHECKS for item in check(about)]
    found += _unused_allow(about, {item.code for item in found})
    return sorted((_noted(item, recipe) for item in found), key=lambda item: item.location)


def _noted(found: Diagnostic, recipe: Recipe) -> Diagnostic:
    """A finding as a note, where it is true of good recipes too or the recipe allows it."""
    if found.code in recipe.allow:
        return replace(
            found, severity="note", message=f"{found.message} (which `allow` says is meant)"
        )
    return replace(found, severity="note") if found.code in REMARKS else found


def _told(
    code: Code, about: Subject, path: tuple[str | int, ...], *, message: str, hint: str
) -> Diagnostic:
    return Diagnostic(
        code=code, message=message, location=place(about.tree, *path), hint=hint, severity="warning"
    )


def _plateau_overridden(about: Subject) -> Iterator[Diagnostic]:
    if about.recipe.plateau is not None and about.recipe.schedule is not None:
        found = _told(
            "plateau-overridden",
            about,
            ("plateau",),
            message="the plateau rule never has an effect: the schedule sets the "
            "rate anew at every step, whatever the rule did",
            hint="remove `plateau`, or `schedule`",
        )
        yield replace(found, notes=(("the schedule", place(about.tree, "schedule")),))


def _plateau_never_fires(about: Subject) -> Iterator[Diagnostic]:
    rule, epochs = about.recipe.live_plateau, about.end("epochs")
    if rule is not None and epochs is not None and rule.patience + 2 > epochs:
        yield _told(
            "plateau-never-fires",
            about,
            ("plateau", "patience"),
            message="the plateau rule changes no rate in "
            f"{epochs} epochs: the first has nothing to be compared with, {rule.patience} must "
            "fail to improve, and the "
            "next has the new rate",
            hint="choose a smaller `patience`",
        )


def _boundary_after_end(about: Subject) -> Iterator[Diagnostic]:
    schedule = about.recipe.schedule
    if not isinstance(schedule, Piecewise):
        return
    end = about.end(schedule.unit)
    for i, boundary in enumerate(schedule.boundaries):
        if end is not None and boundary >= end:
            yield _told(
                "boundary-after-end",
                about,
                ("schedule", "boundaries", i),
                message=f"the rate never changes at {boundary:,}: "
                f"{about.length(schedule.unit)}, counted from 0",
                hint="remove the boundary and its factor, or train longer",
            )


def _warmup_outlasts_run(about: Subject) -> Iterator[Diagnostic]:
    rule, end = about.recipe.warmup, about.end("steps")
    if rule is not None and end is not None and rule.steps >= end:
        yield _told(
            "warmup-outlasts-run",
            about,
            ("warmup", "steps"),
            message=f"the warm-up of {rule.steps:,} steps is never over: {about.length('steps')}",
            hint="shorten the warm-up, or train longer",
        )


def _setting_without_effect(about: Subject) -> Iterator[Diagnostic]:
    """Values that are written, and that another value makes idle."""
    recipe, augment, optimizer = about.recipe, about.recipe.augment, about.recipe.optimizer
    moves = bool(augment.shift or augment.pad_crop)
    idle: tuple[tuple[tuple[str, ...], bool, str, str], ...] = (
        (
            ("optimizer", "nesterov"),
            isinstance(optimizer, SGD) and optimizer.nesterov and not optimizer.momentum,
            "Nesterov's form differs only where there is momentum",
            "give a `momentum`",
        ),
        (
            ("augment", "fill"),
            not moves,
            "nothing comes in from outside, since no picture is moved",
            "give a `shift` or a `pad_crop`",
        ),
        (
            ("augment", "interpolation"),
            not augment.shift,
            "only a `shift` interpolates",
            "remove it",
        ),
        (
            ("augment", "crop"),
            augment.crop == "random" and recipe.data.fit != "crop",
            "there is no canvas to cut pictures from",
            "give `data: {fit: crop}`",
        ),
        (
            ("fit_time",),
            recipe.fit_time and recipe.schedule is None,
            "there is no schedule to stretch over the time",
            "give a `schedule` such as `{kind: one_cycle}`; `--time-limit` ends a run without it "
            "too",
        ),
        (
            ("warmup", "rise"),
            recipe.warmup is not None and recipe.warmup.rise and recipe.warmup.factor == 1,
            "a warm-up from 1 up to 1 changes nothing",
            "give a smaller `factor`",
        ),
    )
    for path, is_idle, reason, hint in idle:
        if is_idle and about.wrote(*path):
            yield _told(
                "setting-without-effect",
                about,
                path,
                message=f"`{'.'.join(path)}` has no effect: {reason}",
                hint=hint,
            )


def _validation_unused(about: Subject) -> Iterator[Diagnostic]:
    kept, plateau = about.recipe.data.validation, about.recipe.live_plateau
    monitors = [about.recipe.checkpoint.monitor, *([plateau.monitor] if plateau else [])]
    if kept and not any(map(on_held_out, monitors)):
        yield _told(
            "validation-unused",
            about,
            ("data", "validation"),
            message=f"{kept:,} pictures are held out and choose nothing: "
            f"the best epoch is that with the best `{monitors[0]}`, of the pictures trained on",
            hint="watch `val_accuracy`, or train on all pictures",
        )


def _test_set_chooses(about: Subject) -> Iterator[Diagnostic]:
    plateau = about.recipe.live_plateau
    hint = "keep pictures for the choice: `data: {validation: 5000}`"
    if about.recipe.data.validation:
        return
    if plateau is not None and on_held_out(plateau.monitor):
        yield _told(
            "test-set-chooses",
            about,
            ("plateau",),
            message="the test set decides when the rate is lowered, so that no accuracy "
            "measured on it is of pictures never seen",
            hint=hint,
        )
    elif on_held_out(about.recipe.checkpoint.monitor):
        yield _told(
            "test-set-chooses",
            about,
            ("data", "validation"),
            message="the best epoch is chosen on the test set, so that its "
            "test accuracy is too good; that of the last epoch is not",
            hint=hint,
        )


def _decay_against_l2(about: Subject) -> Iterator[Diagnostic]:
    """How strongly the network is regularised, where its spec has an L2 and the recipe keeps or
    replaces it.
    """
    rule = about.recipe.regularisation
    for l2, nodes in (spec_l2(about.graph) if about.graph else {}).items():
        told: tuple[Code, str, str] | None = None
        if not isinstance(rule, Decay):
            told = (
                "l2-is-twice-decay",
                f"the spec's `l2: {l2:g}`, in {layers(nodes)}, pulls as a weight decay of "
                f"{2 * l2:g}",
                f"for a weight decay of {l2:g} write `regularisation: {{weight_decay: {l2:g}}}`",
            )
        elif rule.weight_decay == l2:
            told = (
                "decay-halves-l2",
                f"the weight decay of {l2:g} replaces the spec's `l2: {l2:g}`, which pulls as "
                "one of "
                f"{2 * l2:g}: half of the regularisation is left",
                f"to keep its strength write `weight_decay: {2 * l2:g}`",
            )
        if told:
            at = (
                ("regularisation", "weight_decay")
                if isinstance(rule, Decay)
                else ("regularisation",)
            )
            yield replace(
                _told(told[0], about, at, message=told[1], hint=told[2]),
                notes=((f"the L2 of {nodes[0].name}", nodes[0].origin.location),),
            )


def _decay_through_adam(about: Subject) -> Iterator[Diagnostic]:
    rule = about.recipe.regularisation
    pulls = (
        rule.weight_decay > 0
        if isinstance(rule, Decay)
        else bool(about.graph and spec_l2(about.graph))
    )
    if pulls and isinstance(about.recipe.optimizer, Adam):
        yield _told(
            "decay-through-adam",
            about,
            ("regularisation",) if isinstance(rule, Decay) else ("optimizer",),
            message="Adam divides the pull on each weight by the size of its gradients: "
            "weights with large ones hardly decay",
            hint="this is L2 as Keras has it, not AdamW (Loshchilov and Hutter 2019, section 2)",
        )


def _unused_allow(about: Subject, found: set[str]) -> Iterator[Diagnostic]:
    unknown = (*(() if about.graph else WITH_SPEC), *(() if about.pace else WITH_PICTURES))
    for i, code in enumerate(about.recipe.allow):
        if code not in (*found, *unknown, "unused-allow"):
            yield _told(
                "unused-allow",
                about,
                ("allow", i),
                message=f"`allow: [{code}]` silences nothing",
                hint="remove it",
            )


CHECKS: tuple[Callable[[Subject], Iterator[Diagnostic]], ...] = (
    _plateau_overridden,
    _plateau_never_fires,
    _boundary_after_end,
    _warmup_outlasts_run,
    _setting_without_effect,
    _validation_unused,
    _test_set_chooses,
    _decay_against_l2,
    _decay_through_adam,
)
