"""Who is measured: a row for each way to train a network, and for each way to run one."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from archcompile.errors import MissingError

if TYPE_CHECKING:
    from archcompile.bench.task import Task
    from archcompile.bench.turns import Turns

OURS, ROOFLINE = "archc", "convolutions"
Work = Literal["training", "inference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A contender, its `label` in the table, and the file here whose `run` does its work.

    `needs` is a package that need not be there, `extra` what brings it. A contender with a
    `fixed_batch` knows no other batch, and no precision but float32; it is compared with ours in
    each. `remark` is what the table says of the comparison, where `{}` stands for the type that our
    layers compute in.
    """

    name: str
    label: str
    module: str
    needs: str | None = None
    extra: str = "bench"
    fixed_batch: int | None = None
    remark: str = ""

    def run(self, task: "Task", turns: "Turns") -> None:
        """Raises MissingError where its package is not there."""
        if self.needs:
            _check_installed(self.needs, self.extra)
        import_module(f"archcompile.bench.{self.module}").run(task, turns)


def _check_installed(package: str, extra: str) -> None:
    try:
        import_module(package)
    except ImportError as error:
        raise MissingError(
            f"{package} is not installed", hint=f"pip install 'archcompile[{extra}]'"
        ) from error


_ROWS = (
    Contender(name=OURS, label="archc train", module="ours"),
    Contender(name="jax", label="archc on JAX", module="ours_on_jax", needs="jax", extra="jax"),
    Contender(name="keras", label="Keras fit, tf.data", module="plain_keras"),
    Contender(name="torch", label="PyTorch, channels_last", module="torch_eager", needs="torch"),
    Contender(
        name="torch_compile",
        label="torch.compile, channels_last",
        module="torch_compiled",
        needs="torch",
    ),
    Contender(
        name="article",
        label="the article's way",
        module="article",
        needs="scipy",  # Keras' generator needs it, and says so only once it is asked for images
        fixed_batch=32,
        remark="ours in {}",
    ),
    Contender(
        name=ROOFLINE,
        label="convolutions alone",
        module="convolutions",
        remark="the fraction of our step that they take on their own",
    ),
)
_DEPLOYED = (
    Contender(name="keras", label="Keras", module="deployed"),
    Contender(name="fold_bn", label="Keras, norms folded", module="deployed"),
    Contender(name="onnx", label="ONNX", module="deployed", needs="onnxruntime", extra="onnx"),
    Contender(
        name="litert", label="LiteRT", module="deployed", needs="ai_edge_litert", extra="litert"
    ),
    Contender(
        name="torch_compile",
        label="torch.compile, channels_last",
        module="deployed",
        needs="torch",
    ),
)
CONTENDERS: Mapping[str, Contender] = {contender.name: contender for contender in _ROWS}
DEPLOYED: Mapping[str, Contender] = {contender.name: contender for contender in _DEPLOYED}
AGAINST = tuple(name for name in CONTENDERS if name not in (OURS, ROOFLINE))
