"""The recipe: how a network is trained; the schema of the YAML files in `specs/recipes/`."""

import hashlib
import json
from math import ceil
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, Tag, model_validator

from archcompile.choices import Precision
from archcompile.recipe.averaging import Averaging, Uniform
from archcompile.recipe.basics import Fraction, Positive, Section
from archcompile.recipe.codes import Allowed
from archcompile.recipe.loss_settings import Distill, Loss
from archcompile.recipe.metric_names import MetricName
from archcompile.recipe.optimizers import DECAY, OptimizerSettings
from archcompile.recipe.schedules import Piecewise, Schedule, Warmup
from archcompile.recipe.sections import (
    Augment,
    Checkpoints,
    Data,
    Decay,
    EarlyStop,
    Plateau,
    Preprocessing,
    Word,
    WordOrMore,
)
from archcompile.spec.language import Version
from archcompile.spec.yaml import dump

# keys that change no step that is taken
NO_TRAINING = {
    "archc",
    "name",
    "about",
    "allow",
    "epochs",
    "steps",
    "early_stop",
    "checkpoint",
    "metrics",
}

# settings that runs of earlier versions do not have, and what they were trained with
LATER: dict[tuple[str, ...], Any] = {
    ("accumulate",): 1,
    ("augment", "erase"): None,
    ("augment", "jitter"): None,
    ("augment", "mix"): None,
    ("augment", "policy"): None,
    ("augment", "resized_crop"): None,
    ("augment", "views"): 1,
    ("average",): None,
    ("distill",): None,
    ("loss",): {"focal": None, "class_weights": None},
    ("data", "fold"): 0,
    ("data", "folds"): None,
    ("part_rates",): {},
    ("regularisation", "decoupled"): False,
    ("schedule", "cycles"): 1,
    ("schedule", "growth"): 1,
}


class Recipe(Section):
    ELSEWHERE: ClassVar[dict[str, str]] = {
        "weight_decay": DECAY,
        "l2": DECAY,
        "learning_rate": "it belongs to the `optimizer`",
    }

    archc: Version = Field(description="Version of the language; required.", examples=[1])
    name: str = Field(description="Defaults to the file's name.", examples=["my_recipe"])
    about: str = Field(
        default="",
        description="What this is, with paper and section.",
        examples=["He et al. 2015, section 4.2"],
    )
    allow: tuple[Allowed, ...] = Field(
        default=(),
        strict=False,
        description="Findings of `archc recipe lint` that are meant: reported as notes.",
        examples=[["plateau-overridden"]],
    )
    data: Data = Field(
        default=Data(),
        description="Where images come from, and how they are made to fit.",
        examples=[{"source": "cifar10"}],
    )
    preprocessing: Preprocessing = Field(
        default=Preprocessing(),
        description="What is done to every image.",
        examples=[{"scale": 255, "mean": "per_pixel"}],
    )
    augment: Augment = Field(
        default=Augment(),
        description="Random changes to training images.",
        examples=[{"shift": 0.1, "flip": "horizontal"}],
    )
    batch_size: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="Images per step, over all devices.",
            examples=[32],
        ),
    ]
    accumulate: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=1,
        description="The parts that a batch is worked on in, one after the other, for want of "
        "memory: the step is that of the whole batch, but batch norm sees each part alone.",
        examples=[4],
    )
    epochs: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description="How many times each image is seen; or give `steps`.",
        examples=[200],
    )
    steps: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        default=None, description="Updates of the weights; or give `epochs`.", examples=[64_000]
    )
    fit_time: bool = Field(
        default=False,
        description="With `--time-limit`, take as many steps as fit, with the schedule stretched "
        "over them.",
        examples=[True],
    )
    optimizer: Annotated[
        OptimizerSettings,
        Field(
            discriminator="kind",
            description="How the weights are updated.",
            examples=[{"kind": "adam", "learning_rate": 1e-3}],
        ),
    ]
    schedule: Schedule | None = Field(
        default=None,
        description="How the learning rate changes over the run.",
        examples=[{"kind": "piecewise", "boundaries": [81, 121], "factors": [1e-1, 1e-2]}],
    )
    part_rates: dict[str, Positive] = Field(
        default={},
        description="Multiples of the learning rate for parts of the network: its stem, stages "
        "and head.",
        examples=[{"head": 10}],
    )
    warmup: Warmup | None = Field(
        default=None, description="A different rate in the first steps.", examples=[{"steps": 400}]
    )
    plateau: Plateau | None = Field(
        default=None,
        description="A lower rate where nothing improves; no effect with a schedule.",
        examples=[{"monitor": "val_loss", "patience": 5}],
    )
    average: Averaging | None = Field(
        default=None,
        description="Average the weights along the run, as a checkpoint of its own.",
        examples=[{"kind": "exponential", "decay": 0.999}],
    )
    early_stop: EarlyStop | None = Field(
        default=None,
        description="End the run where nothing improves.",
        examples=[{"monitor": "val_loss", "patience": 10}],
    )
    regularisation: Annotated[
        Annotated[Literal["spec"], Word] | Annotated[Decay, Tag("more")], WordOrMore
    ] = Field(
        default="spec",
        description="The L1 and L2 of the spec's layers, or a weight decay instead; 0 for none.",
        examples=[{"weight_decay": 1e-4}],
    )
    loss: Loss = Field(
        default=Loss(),
        description="What is minimised: cross-entropy, as the network's outputs take it.",
        examples=[{"kind": "binary"}],
    )
    distill: Distill | None = Field(
        default=None,
        description="Learn from a trained run, too.",
        examples=[{"teacher": "runs/large", "weight": 0.9, "temperature": 4}],
    )
    metrics: tuple[MetricName, ...] = Field(
        default=(),
        strict=False,
        description="What is measured after each epoch too, beside loss and accuracy: `top_K`, "
        "`macro_f1`, `auc`, `calibration_error`. At the end all are.",
        examples=[["top_5", "auc"]],
    )
    label_smoothing: Fraction = Field(
        default=0.0,
        description="The fraction of each label that is spread over all classes.",
        examples=[0.1],
    )
    clip_norm: Positive | None = Field(
        default=None,
        description="Largest global norm of the gradients; larger ones are scaled down.",
        examples=[1.0],
    )
    precision: Precision = Field(
        default="float32",
        description="The precision layers compute in; weights and the head are always float32.",
        examples=["mixed_bfloat16"],
    )
    xla: bool = Field(
        default=False,
        examples=[True],
        description="Compile the TensorFlow step with XLA; dropout then draws different numbers.",
    )
    checkpoint: Checkpoints = Field(
        default=Checkpoints(),
        description="When to save, and what the best epoch is.",
        examples=[{"steps": 500}],
    )

    @model_validator(mode="after")
    def _parts_have_images(self) -> Self:
        if self.accumulate > self.batch_size:
            raise ValueError(
                f"expected at most {self.batch_size} parts, one for each image of a batch, got "
                f"`accumulate: {self.accumulate}`"
            )
        if self.augment.views > self.batch_size:
            raise ValueError(
                f"expected at most {self.batch_size} views of an image, as many as a batch has "
                f"images, got `augment.views: {self.augment.views}`"
            )
        return self

    @property
    def images_at_once(self) -> int:
        """The images of a batch that are worked on at the same time, over all devices."""
        return ceil(self.batch_size / self.accumulate)

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.epochs is None) == (self.steps is None):
            given = "neither" if self.epochs is None else "both"
            raise ValueError(f"expected either `epochs` or `steps`, got {given}")
        if self.fit_time and isinstance(self.schedule, Piecewise):
            raise ValueError(
                "`fit_time` stretches a schedule over the run; the boundaries of a piecewise one "
                "are fixed"
            )
        if self.fit_time and isinstance(self.average, Uniform):
            raise ValueError(
                "`fit_time` does not know how many epochs there will be, of which a uniform "
                "`average` counts the last; an exponential one needs no count"
            )
        return self

    @property
    def has_open_end(self) -> bool:
        """Whether no rate depends on the run's length, so that a finished run can be continued."""
        if self.average is not None and self.average.start:
            return False
        return self.schedule is None or isinstance(self.schedule, Piecewise)

    @property
    def live_plateau(self) -> Plateau | None:
        """The plateau rule if it has an effect: a schedule sets the rate at every step instead."""
        return self.plateau if self.schedule is None else None

    def for_depth(self, depth: int) -> Self:
        """The recipe for a network of that depth: a warm-up that is for deeper ones is left out."""
        if self.warmup is not None and depth < self.warmup.from_depth:
            return self.model_copy(update={"warmup": None})
        return self

    def text(self) -> str:
        """The recipe with every value written out, as a file that `load` reads."""
        return dump(self.model_dump(mode="json"))

    def identity(self) -> dict[str, Any]:
        """What makes two runs the same training: all but names, source, saving and, mostly, length.

        A plateau rule beside a schedule is left out, since it has no effect. The source counts by
        its content (the dataset's fingerprint). The length counts where the schedule spans it.
        """
        values = self.model_dump(mode="json", exclude=NO_TRAINING)
        for key in ("source", "stream"):
            del values["data"][key]
        del values["loss"]["kind"]  # the network's own
        if self.distill is not None:
            del values["distill"]["teacher"]  # which counts by its content
        values["monitor"] = self.checkpoint.monitor
        if self.live_plateau is None:
            values["plateau"] = None
        for (*parts, key), value in LATER.items():
            section = values[parts[0]] if parts else values
            if isinstance(section, dict) and key in section and section[key] == value:
                del section[key]
        return (
            values if self.has_open_end else {**values, "epochs": self.epochs, "steps": self.steps}
        )

    def hash(self) -> str:
        return hashlib.sha256(json.dumps(self.identity(), sort_keys=True).encode()).hexdigest()
