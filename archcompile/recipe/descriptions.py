"""What a recipe says, in words: its learning rates over the run, and each of its parts."""

from collections.abc import Callable

from archcompile.errors import plural
from archcompile.recipe.averaging import Exponential
from archcompile.recipe.loss_words import (
    class_weight_words,
    distill_words,
    loss_words,
    measured_words,
    regularisation_words,
)
from archcompile.recipe.model import Recipe
from archcompile.recipe.monitors import is_on_held_out
from archcompile.recipe.optimizers import SGD, Lamb, Lion, Muon, RMSprop
from archcompile.recipe.picture_words import (
    erase_words,
    jitter_words,
    mix_words,
    policy_words,
    resized_crop_words,
)
from archcompile.recipe.rates import Pace, RatePiece, pieces, rate
from archcompile.recipe.schedules import Cosine, Linear, OneCycle, Piecewise, Polynomial, Wsd
from archcompile.recipe.sections import Plateau

BLOCKS = "▁▂▃▄▅▆▇█"
FLIPS = {
    "none": "none",
    "horizontal": "half of the images",
    "alternating": "each image in every second epoch",
}
SIDE = 32  # pixels of a CIFAR image, for shifts that are given as a part of it


# ---- the learning rate ---------------------------------------------------------------------------


def rate_rows(recipe: Recipe, pace: Pace) -> list[tuple[str, str, str]]:
    """(stretch, rate, its end in the other unit), counted from 1, the last one included."""
    stretches = pieces(recipe, pace)
    whole = all(piece.end % pace.epoch == 0 for piece in stretches)
    rows = []
    for piece in stretches:
        epochs = f"epochs {piece.first // pace.epoch + 1}-{piece.end // pace.epoch}"
        steps = f"steps {piece.first + 1:,}-{piece.end:,}"
        end = f"to step {piece.end:,}" if whole else f"to epoch {epochs_of(piece.end, pace)}"
        rows.append((epochs if whole else steps, _rates(piece), end))
    return rows


def _rates(piece: RatePiece) -> str:
    if piece.is_flat:
        return f"{piece.start:g}"
    return (
        f"{piece.start:.3g} {'rising' if piece.last > piece.start else 'falling'} to "
        f"{piece.last:.3g}"
    )


def epochs_of(steps: int, pace: Pace) -> str:
    """`81` where these are whole epochs, else `81.8`."""
    return f"{steps // pace.epoch}" if steps % pace.epoch == 0 else f"{steps / pace.epoch:.1f}"


def sparkline(recipe: Recipe, pace: Pace, width: int = 60) -> str:
    """The rate over the run as a line of blocks; empty if it only changes in steps."""
    stretches = pieces(recipe, pace)
    if all(piece.is_flat for piece in stretches):
        return ""
    top = max(value for piece in stretches for value in (piece.start, piece.last))
    steps = (round(i * (pace.total - 1) / (width - 1)) for i in range(width))
    rates = (rate(recipe, step, pace) for step in steps)
    heights = (min(len(BLOCKS) - 1, int(value / top * len(BLOCKS))) for value in rates)
    return "".join(BLOCKS[height] for height in heights)


# ---- its parts -----------------------------------------------------------------------------------


def length(recipe: Recipe, pace: Pace) -> str:
    if recipe.steps is None:
        epochs = plural(f"{recipe.epochs:,}", "epoch")
        return f"{epochs} = {plural(f'{pace.total:,}', 'step')}"
    steps = plural(f"{recipe.steps:,}", "step")
    return f"{steps} = {plural(epochs_of(recipe.steps, pace), 'epoch')}"


def _batch(recipe: Recipe, pace: Pace) -> str:
    parts = f" in {recipe.accumulate:,} parts" if recipe.accumulate > 1 else ""
    return f"{recipe.batch_size:,}{parts}"


def _split(recipe: Recipe, pace: Pace) -> str:
    data = recipe.data
    if data.folds is not None:
        return f"all but fold {data.fold} of {data.folds}, held out"
    if data.validation:
        return f"all but {data.validation:,} training images, held out"
    return "all training images"


def _best(recipe: Recipe, pace: Pace) -> str:
    monitor = recipe.checkpoint.monitor
    where = "the test set"
    if recipe.data.folds is not None:
        where = "the fold held out"
    elif recipe.data.validation:
        where = f"the {recipe.data.validation:,} images held out"
    return f"{monitor}, on {where if is_on_held_out(monitor) else 'the training images'}"


def _saves(recipe: Recipe, pace: Pace) -> str:
    when = recipe.checkpoint
    parts = [
        *([f"{when.steps:,} steps"] if when.steps else []),
        *([f"{when.minutes:g} minutes"] if when.minutes else []),
    ]
    return " and ".join(["each epoch", *parts])


def _optimizer(recipe: Recipe, pace: Pace) -> str:
    how = recipe.optimizer
    if isinstance(how, SGD):
        return f"SGD, momentum {how.momentum:g}" + (" (Nesterov)" if how.nesterov else "")
    if isinstance(how, Muon):
        kernels = "kernels, each normalised before its step" if how.normalised else "kernels"
        return (
            f"Muon, momentum {how.momentum:g}, of {kernels}; of other weights SGD (Nesterov) "
            f"at {how.others:g} times the rate"
        )
    if isinstance(how, Lion):
        return f"Lion, beta {how.beta_1:g} and {how.beta_2:g}"
    if isinstance(how, RMSprop):
        return f"RMSprop, rho {how.rho:g}, momentum {how.momentum:g}, epsilon {how.epsilon:g}"
    name = "LAMB" if isinstance(how, Lamb) else "Adam"
    return f"{name}, beta {how.beta_1:g} and {how.beta_2:g}, epsilon {how.epsilon:g}"


def _schedule(recipe: Recipe, pace: Pace) -> str:
    rule = recipe.schedule
    if isinstance(rule, Piecewise):
        pairs = zip(rule.factors, rule.boundaries, strict=True)
        changes = [f"{factor:g} after {boundary:,}" for factor, boundary in pairs]
        return f"times {', '.join(changes)} {rule.unit}"
    if isinstance(rule, OneCycle):
        return (
            f"one cycle: from {rule.start:g} of the rate up until {rule.peak:.0%} of the run, "
            f"then down to {rule.end:g} of it"
        )
    if rule is None:
        return "none: a constant rate"
    down = f"down to {rule.end:g} of the rate"
    match rule:
        case Cosine(cycles=1):
            return f"half a cosine, {down}"
        case Cosine():
            longer = "" if rule.growth == 1 else f", each {rule.growth:g} times the one before"
            return f"half a cosine {rule.cycles} times{longer}, {down}"
        case Linear():
            return f"a straight line, {down}"
        case Polynomial():
            return f"what is left of the run to the power of {rule.power:g}, {down}"
        case Wsd():
            return f"constant, and in the last {rule.decay:.0%} of the run a straight line {down}"


def _part_rates(recipe: Recipe, pace: Pace) -> str:
    rates = [f"{rate:g} times in `{part}`" for part, rate in recipe.part_rates.items()]
    return ", ".join(rates) or "the same in all parts"


def _run(recipe: Recipe, pace: Pace) -> str:
    plain = recipe.model_copy(update={"warmup": None})
    return ", ".join(
        f"{_rates(p)} to epoch {epochs_of(p.end, pace)} (step {p.end:,})"
        for p in pieces(plain, pace)
    )


def _warmup(recipe: Recipe, pace: Pace) -> str:
    rule = recipe.warmup
    if rule is None:
        return "none"
    how = f"{'rising from' if rule.rise else 'at'} {rule.factor:g} of the rate"
    depth = f", from depth {rule.from_depth} on" if rule.from_depth > 1 else ""
    return f"{rule.steps:,} steps {how}{depth}"


def _plateau(recipe: Recipe, pace: Pace) -> str:
    if recipe.plateau is None:
        return "none"
    effect = "" if recipe.live_plateau else "; no effect with a schedule"
    return plateau_words(recipe.plateau) + effect


def plateau_words(rule: Plateau) -> str:
    epochs = plural(rule.patience, "epoch")
    parts = [
        f"times {rule.factor:.4g} after {epochs} in which {rule.monitor} does not improve by "
        f"{rule.min_delta:g}"
    ]
    parts += [f"then a cooldown of {rule.cooldown}"] if rule.cooldown else []
    parts += [f"least rate {rule.min_rate:g}"] if rule.min_rate else []
    return ", ".join(parts)


def _early_stop(recipe: Recipe, pace: Pace) -> str:
    rule = recipe.early_stop
    if rule is None:
        return "none"
    epochs = plural(rule.patience, "epoch")
    return (
        f"after {epochs} in which {rule.monitor} does not improve by more than {rule.min_delta:g}"
    )


def _average(recipe: Recipe, pace: Pace) -> str:
    rule = recipe.average
    if rule is None:
        return "none"
    norms = f"norms estimated anew on {plural(f'{rule.norm_images:,}', 'image')}"
    since = f" from {rule.start:.0%} of the run on" if rule.start else ""
    if isinstance(rule, Exponential):
        return f"exponential, decay {rule.decay:g} a step{since}, {norms}"
    return f"the ends of epochs{since}, {norms}"


def _mean(recipe: Recipe, pace: Pace) -> str:
    mean = recipe.preprocessing.mean
    words = {
        "per_pixel": "the mean image of the training set",
        "per_channel": "its mean colour",
        "none": "nothing",
    }
    return words[mean] if isinstance(mean, str) else ", ".join(f"{value:g}" for value in mean)


def _deviation(recipe: Recipe, pace: Pace) -> str:
    std = recipe.preprocessing.std
    words = {"per_channel": "the training set's deviation of each channel", "none": "nothing"}
    return words[std] if isinstance(std, str) else ", ".join(f"{value:g}" for value in std)


def _shift(recipe: Recipe, pace: Pace) -> str:
    how = recipe.augment
    if how.shift:
        return (
            f"up to {how.shift:.4g} of each side (±{how.shift * SIDE:.3g} pixels of {SIDE}), "
            f"sub-pixel, {how.interpolation}"
        )
    return f"±{how.pad_crop} pixels, whole ones" if how.pad_crop else "none"


def _fill(recipe: Recipe, pace: Pace) -> str:
    return {"nearest": "the edge, repeated", "zero": "zeros", "reflect": "the image, mirrored"}[
        recipe.augment.fill
    ]


def _another_size(recipe: Recipe, pace: Pace) -> str:
    fit, canvas = recipe.data.fit, recipe.data.canvas
    return (f"{fit}" if fit else "an error") + (f" from a canvas of {canvas}" if canvas else "")


def _cut(recipe: Recipe, pace: Pace) -> str:
    crop = recipe.augment.resized_crop
    return resized_crop_words(crop) if crop else f"{recipe.augment.crop} part of the canvas"


def _stream(recipe: Recipe, pace: Pace) -> str:
    return {None: "from files if too large for memory", True: "from files", False: "from memory"}[
        recipe.data.stream
    ]


def _time(recipe: Recipe, pace: Pace) -> str:
    return "as many steps as fit in it" if recipe.fit_time else "ends the run early"


Words = Callable[[Recipe, Pace], str]

PARTS: dict[str, dict[str, Words]] = {
    "data": {
        "source": lambda recipe, _: recipe.data.source or "what --data names",
        "training split": _split,
        "test split where a source has none": lambda recipe, _: (
            f"{recipe.data.holdout:.4g} of the images"
        ),
        "images of another size": _another_size,
        "grey images": lambda recipe, _: (
            ("repeated in each channel") if recipe.data.channels else "an error"
        ),
        "read": _stream,
    },
    "batch and length": {
        "batch": _batch,
        "length": length,
        "early stop": _early_stop,
        "average of weights": _average,
        "--time-limit": _time,
    },
    "optimizer": {
        "rule": _optimizer,
        "learning rate": lambda recipe, _: f"{recipe.optimizer.learning_rate:g}",
        "schedule": _schedule,
        "rates": _run,
        "parts": _part_rates,
        "warm-up": _warmup,
        "plateau rule": _plateau,
        "largest gradient": lambda recipe, _: (
            (f"norm {recipe.clip_norm:g}") if recipe.clip_norm else "no limit"
        ),
    },
    "loss": {
        "kind": loss_words,
        "classes": class_weight_words,
        "distillation": distill_words,
        "measured after each epoch": measured_words,
    },
    "regularisation": {
        "L2": regularisation_words,
        "label smoothing": lambda recipe, _: f"{recipe.label_smoothing:g}",
    },
    "preprocessing": {
        "pixels, 0 to 255, divided by": lambda recipe, _: f"{recipe.preprocessing.scale:g}",
        "subtracted": _mean,
        "divided by then": _deviation,
    },
    "augmentation": {
        "shift": _shift,
        "fill": _fill,
        "mirrored": lambda recipe, _: FLIPS[recipe.augment.flip],
        "cut": _cut,
        "colours": lambda recipe, _: jitter_words(recipe.augment.jitter),
        "policy": lambda recipe, _: policy_words(recipe.augment.policy),
        "erased": lambda recipe, _: erase_words(recipe.augment.erase),
        "mixed": lambda recipe, _: mix_words(recipe.augment.mix),
        "views of an image in a batch": lambda recipe, _: f"{recipe.augment.views}",
    },
    "best epoch and checkpoints": {
        "best epoch": _best,
        "saved after": _saves,
    },
    "computation": {
        "precision": lambda recipe, _: recipe.precision,
        "XLA": lambda recipe, _: "on" if recipe.xla else "off",
    },
}
