"""What the GPU benchmark measures, the most telling first, and a tiny version for CPUs."""

from dataclasses import dataclass
from pathlib import Path

from archcompile.bench.task import TYPES
from archcompile.choices import Precision

FOLDER = Path(__file__).resolve().parent
# who trains, and in which framework: the card's rates are measured with each of these
CONTENDERS = {"jax": "jax", "torch_compile": "torch", "torch": "torch", "archc": "tensorflow"}
GOAL = 0.91  # test accuracy that a fast training must reach


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network whose training steps are timed: `turns` of so many `steps`."""

    spec: str
    batch: int
    precision: Precision
    steps: int
    epoch_images: int
    recipe: str = "he2015"
    turns: int = 5

    @property
    def key(self) -> str:
        return f"{Path(self.spec).stem}, batch {self.batch}, {TYPES[self.precision]}"


@dataclass(frozen=True, kw_only=True)
class Course:
    """A whole training; `goal` is the test accuracy it is to reach, `on_all` whether each engine
    does it, or only the first there is.
    """

    name: str
    spec: str
    recipe: str
    data: str
    sets: tuple[str, ...] = ()
    goal: float | None = None
    on_all: bool = False


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large everything is: a matrix product of `side`, a copy of `copied` bytes, the cases and
    the courses; `least` is the time in seconds without which no measurement is begun.
    """

    side: int
    copied: int
    cases: tuple[Case, ...]
    fast: Course
    article: Course
    least: float


def _small(batch: int, precision: Precision, steps: int) -> Case:
    return Case(
        spec="resnet_v1_20", batch=batch, precision=precision, steps=steps, epoch_images=50_000
    )


FULL = Sizes(
    side=8192,
    copied=2**30,
    cases=(
        _small(128, "float32", 400),
        Case(
            spec="resnet_50",
            batch=256,
            precision="mixed_bfloat16",
            steps=16,
            epoch_images=16 * 256,
        ),
        _small(1024, "float32", 98),
        _small(128, "mixed_bfloat16", 400),
        _small(1024, "mixed_bfloat16", 98),
        Case(spec="resnet_v2_110", batch=128, precision="float32", steps=100, epoch_images=50_000),
    ),
    fast=Course(
        name="fast_gpu",
        spec="wrn_28_10",
        recipe=str(FOLDER / "fast_gpu.yaml"),
        data="cifar10",
        sets=("layers=16", "k=4", "dropout=0.0"),
        goal=GOAL,
        on_all=True,
    ),
    article=Course(name="article", spec="resnet_v1_20", recipe="article", data="cifar10"),
    least=40.0,
)
TINY = Sizes(
    side=64,
    copied=2**16,
    cases=(
        Case(
            spec=str(FOLDER / "tiny.yaml"),
            batch=8,
            precision="float32",
            steps=2,
            epoch_images=64,
            turns=2,
        ),
    ),
    fast=Course(
        name="fast_gpu",
        spec=str(FOLDER / "tiny.yaml"),
        recipe=str(FOLDER / "fast_gpu.yaml"),
        data="synthetic",
        sets=("train.epochs=1", "train.precision=float32"),
        goal=GOAL,
        on_all=True,
    ),
    article=Course(
        name="article",
        spec=str(FOLDER / "tiny.yaml"),
        recipe="article",
        data="synthetic",
        sets=("train.epochs=2",),
    ),
    least=5.0,
)
