"""What is measured: contenders that train one network, each in a process of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from archcompile.choices import Kernels, Precision

# `article` is the way of the article's script; no other article is meant in this room
Contender = Literal["archc", "keras", "torch", "article", "convolutions"]
AGAINST: tuple[Contender, ...] = ("keras", "torch", "article")
# of layers
TYPES: Mapping[Precision, str] = {
    "float32": "float32",
    "mixed_bfloat16": "bfloat16",
    "mixed_float16": "float16",
}
ARTICLE_BATCH = 32  # of the article's script
RATE = 1e-3  # the learning rate, which does not change how long a step takes

WARM = 10  # steps before anything is measured
# steps at the beginning of each turn that do not count: the others have left their caches
LEAD = 3


@dataclass(frozen=True, kw_only=True)
class Task:
    """A contender's work: `turns` of so many `steps`, each on a `batch` of images."""

    contender: Contender
    spec: str
    sets: tuple[str, ...]
    recipe: str | None
    batch: int
    precision: Precision
    steps: int
    turns: int
    kernels: Kernels = "fused"
    device: str | None = None

    @property
    def images(self) -> int:
        """How many images it will see."""
        return self.batch * (WARM + self.turns * (LEAD + self.steps))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a task: seconds per image in each turn, or why there are none.

    `built` says what it was built with.
    """

    task: Task
    seconds: tuple[float, ...] = ()
    built: str = ""
    missing: str | None = None


def tasks(ours: Task, precisions: Sequence[Precision], against: Sequence[Contender]) -> list[Task]:
    """Ours in each precision, then the others.

    The article's script knows one precision and one batch; its turns have as many images.
    """

    def in_each_precision(contender: Contender) -> list[Task]:
        return [replace(ours, contender=contender, precision=precision) for precision in precisions]

    contenders = in_each_precision("archc")
    if "keras" in against:
        contenders += in_each_precision("keras")
    if "torch" in against:
        contenders += in_each_precision("torch")
    if "article" in against:
        steps = max(1, ours.steps * ours.batch // ARTICLE_BATCH)
        article = replace(
            ours, contender="article", precision="float32", batch=ARTICLE_BATCH, steps=steps
        )
        contenders.append(article)
    return contenders + in_each_precision("convolutions")
