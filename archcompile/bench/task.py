"""What is measured: contenders that train one network, each in a process of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archcompile.bench.contenders import AGAINST, CONTENDERS, OURS, ROOFLINE
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
    kernels: Kernels = "fused"
    device: str | None = None
    epoch_images: int | None = None

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
