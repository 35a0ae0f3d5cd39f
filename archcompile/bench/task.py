"""What is measured: contenders that train one network, each in a process of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archcompile.bench.contenders import (
    AGAINST,
    CONTENDERS,
    DEPLOYED,
    OURS,
    ROOFLINE,
    Contender,
    Work,
)
from archcompile.choices import Kernels, Precision

# of layers
TYPES: Mapping[Precision, str] = {
    "float32": "float32",
    "mixed_bfloat16": "bfloat16",
    "mixed_float16": "float16",
}
RATE = 1e-3  # the learning rate, which does not change how long a step takes

WARM = 10  # steps before anything is measured
# steps at the beginning of each turn that do not count: the others have left their caches
LEAD = 3
IMAGES = 128  # in a turn of inference


@dataclass(frozen=True, kw_only=True)
class Task:
    """A contender's work: `turns` of so many `steps`, each on a `batch` of images.

    `epoch_images` is the least number of images in an epoch, None for those that there are.
    """

    contender: str
    spec: str
    sets: tuple[str, ...]
    recipe: str | None
    batch: int
    precision: Precision
    steps: int
    turns: int
    kernels: Kernels | None = None  # None leaves them to the engine
    device: str | None = None
    epoch_images: int | None = None
    work: Work = "training"

    @property
    def row(self) -> Contender:
        """Who does it."""
        return (CONTENDERS if self.work == "training" else DEPLOYED)[self.contender]

    @property
    def images(self) -> int:
        """How many images it will see."""
        return self.batch * (WARM + self.turns * (LEAD + self.steps))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a task: seconds per image in each turn, or why there are none.

    `built` says what it was built with. To compile is to build the network and do its first step;
    the host's part of a step is to start it.
    """

    task: Task
    seconds: tuple[float, ...] = ()
    built: str = ""
    compile_seconds: float | None = None
    host_seconds: float | None = None
    missing: str | None = None


def tasks(ours: Task, precisions: Sequence[Precision], against: Sequence[str]) -> list[Task]:
    """Ours in each precision, then the others, the convolutions alone at the end.

    A contender with a batch of its own has turns of as many images.
    """
    listed = []
    for name in (OURS, *(name for name in AGAINST if name in against), ROOFLINE):
        batch = CONTENDERS[name].fixed_batch
        if batch is None:
            listed += [
                replace(ours, contender=name, precision=precision) for precision in precisions
            ]
        else:
            steps = max(1, ours.steps * ours.batch // batch)
            listed.append(
                replace(ours, contender=name, precision="float32", batch=batch, steps=steps)
            )
    return listed


def inference_tasks(
    spec: str,
    sets: Sequence[str],
    against: Sequence[str],
    *,
    batches: Sequence[int],
    turns: int,
    steps: int | None,
) -> list[Task]:
    """The network as each contender runs it, in each batch; without `steps` IMAGES a turn."""
    first = Task(
        contender="keras",
        work="inference",
        spec=spec,
        sets=tuple(sets),
        recipe=None,
        batch=1,
        precision="float32",
        steps=1,
        turns=turns,
    )
    names = [name for name in DEPLOYED if name in against]
    return [
        replace(first, contender=name, batch=batch, steps=steps or max(1, IMAGES // batch))
        for batch in batches
        for name in names
    ]
