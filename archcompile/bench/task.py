"""What is measured: contenders that train one network, each in a process of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from archcompile.analyses import Precision

Contender = Literal["archc", "keras", "torch", "article", "convolutions"]
AGAINST: tuple[Contender, ...] = ("keras", "torch", "article")
# of layers
TYPES: Mapping[Precision, str] = {
    "float32": "float32",
    "mixed_bfloat16": "bfloat16",
    "mixed_float16": "float16",
}
ARTICLE_BATCH = 32  # of the article's script

WARM = 10  # steps before anything is measured
# steps at the beginning of each turn that do not count: caches and buffers are as the others left
# them
LEAD = 3


@dataclass(frozen=True, kw_only=True)
class Task:
    """One contender's work. `batch` are pictures in a step, `steps` those of a turn, `turns` how
    often it will have its turn.
    """

    contender: Contender
    spec: str
    sets: tuple[str, ...]
    recipe: str | None
    batch: int
    precision: Precision
    steps: int
    turns: int
    kernels: Literal["portable", "fused"] = "fused"
    device: str | None = None

    @property
    def pictures(self) -> int:
        """The pictures it will see."""
        return self.batch * (WARM + self.turns * (LEAD + self.steps))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a task: seconds per picture in each turn, what it was built with, or why there
    is nothing.
    """

    task: Task
    seconds: tuple[float, ...] = ()
    built: str = ""
    missing: str | None = None


def tasks(ours: Task, precisions: Sequence[Precision], against: Sequence[Contender]) -> list[Task]:
    """Ours in each precision, then the others. The article's script knows one precision and one
    batch; its turns are as long.
    """

    def each(contender: Contender) -> list[Task]:
        return [replace(ours, contender=contender, precision=precision) for precision in precisions]

    found = each("archc")
    found += each("keras") if "keras" in against else []
    found += each("torch") if "torch" in against else []
    if "article" in against:
        steps = max(1, ours.steps * ours.batch // ARTICLE_BATCH)
        found.append(
            replace(
                ours, contender="article", precision="float32", batch=ARTICLE_BATCH, steps=steps
            )
        )
    return found + each("convolutions")
