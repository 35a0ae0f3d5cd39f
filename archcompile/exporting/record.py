"""What the users of an exported file must know: what lies beside it as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archcompile import __version__
from archcompile.exporting.compare import Comparison
from archcompile.exporting.scaling import Scaling
from archcompile.exporting.subject import Provenance
from archcompile.ops import Shape, show


@dataclass(frozen=True, kw_only=True)
class Check:
    """How the file compared: in which program, on which images, with which weights.

    `random_seed` is that of the random weights that a network was compared with, instead of the
    fresh ones in the file.
    """

    runtime: str
    on: str
    random_seed: int | None
    comparison: Comparison

    @property
    def weights(self) -> str:
        if self.random_seed is None:
            return "those of the file"
        return f"random, seed {self.random_seed}"

    @property
    def words(self) -> str:
        """How well the numbers agree."""
        weights = "" if self.random_seed is None else " with random weights"
        weights += " in float64" if self.comparison.is_precise else ""
        return (
            f"{self.runtime} and Keras{weights} on {self.on}: largest difference "
            f"{self.comparison.difference:.1e}, "
            f"equal arg-max on {self.comparison.equal} of {self.comparison.images}"
        )

    def record(self) -> dict[str, Any]:
        return {
            "runtime": self.runtime,
            "on": self.on,
            "weights": self.weights,
            "images": self.comparison.images,
            "largest_difference": self.comparison.difference,
            "relative": self.comparison.relative,
            "float64": self.comparison.is_precise,
            "equal_arg_max": self.comparison.equal,
            "telling": self.comparison.is_telling,
        }


@dataclass(frozen=True, kw_only=True)
class FileInput:
    """The input by its name in the file; one that `is_raw` takes pixels from 0 to 255."""

    name: str
    shape: Shape
    is_raw: bool

    def record(self) -> dict[str, Any]:
        pixels, prepared = "pixels 0 to 255", "images as the network was trained on"
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": "float32",
            "values": pixels if self.is_raw else prepared,
        }


@dataclass(frozen=True, kw_only=True)
class FileOutput:
    """An output by its name in the file, with its label and node in the graph."""

    name: str
    label: str
    node: str
    shape: Shape

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "node": self.node,
            "shape": list(self.shape),
        }


@dataclass(frozen=True, kw_only=True)
class ExportRecord:
    """Everything but the spec itself. `scaling` is what a run's images must go through."""

    form: str
    file: Path
    name: str
    hash: str
    provenance: Provenance
    classes: tuple[str, ...] | None
    input: FileInput
    outputs: tuple[FileOutput, ...]
    scaling: Scaling | None
    passes: tuple[str, ...]
    check: Check

    @property
    def about(self) -> Path:
        """The JSON file beside the exported one."""
        return Path(f"{self.file}.json")

    def record(self) -> dict[str, Any]:
        return {
            "archc": 1,
            "format": self.form,
            "file": str(self.file),
            "about": str(self.about),
            "name": self.name,
            "hash": self.hash,
            **self.provenance.record(),
            "classes": self.classes and list(self.classes),
            "input": self.input.record(),
            "outputs": [output.record() for output in self.outputs],
            "preprocessing": self._preprocessing(),
            "passes": list(self.passes),
            "check": self.check.record(),
            "archcompile": __version__,
        }

    def _preprocessing(self) -> Mapping[str, Any] | None:
        if self.scaling is None:
            return None
        return {
            "inside": self.input.is_raw,
            "scale": self.scaling.scale,
            "mean": _numbers(self.scaling.mean),
            "std": _numbers(self.scaling.std),
        }


def _numbers(array: np.ndarray | None) -> Any:
    """Numbers by channel; a mean image is only named, it lies with the run."""
    if array is None:
        return None
    return array.tolist() if array.ndim == 1 else f"an image of {show(array.shape)}"
