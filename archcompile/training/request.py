"""What a command asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archcompile.api import LayerGraph
from archcompile.choices import EngineName, Kernels


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    """What a command asks for.

    None leaves a thing to the spec, the recipe, or the run that is resumed.
    """

    spec: str | Path | LayerGraph | None = None
    recipe: str | Path | None = None
    data: str | None = None
    data_dir: str | Path | None = None
    epochs: int | None = None
    seed: int | None = None
    sets: Sequence[str] = ()
    run_dir: str | Path | None = None
    resume: bool = False
    force: bool = False
    init: str | Path | None = None
    freeze: str | Sequence[str] = ()
    time_limit: str | None = None
    device: str | None = None
    engine: EngineName | None = None
    kernels: Kernels | None = None
    deterministic: bool = False
    tensorboard: bool = False

    @property
    def place(self) -> Path | None:
        """The folder of the run, where the command names it."""
        return None if self.run_dir is None else Path(self.run_dir)

    @property
    def frozen_parts(self) -> tuple[str, ...]:
        """The parts to leave untrained; a text names them between commas."""
        parts = self.freeze.split(",") if isinstance(self.freeze, str) else self.freeze
        return tuple(part.strip() for part in parts if part.strip())
