"""What a run left on disk, as checked plain data: JSON, CSV and YAML files, no weights.

They are written by `run_folder` and `training`. Keys that are not named here are
passed over, so that runs of later versions can be listed.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from archcompile.choices import FIRST_ENGINE
from archcompile.errors import DataError


class RecordPart(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False, extra="ignore")


class Best(RecordPart):
    """The best epoch and its test figures; `chosen_on` says which images chose it."""

    epoch: int
    monitor: str
    chosen_on: str
    test_accuracy: float
    test_loss: float


class Averaged(RecordPart):
    """How the averaged weights do."""

    test_accuracy: float
    test_loss: float


class Result(RecordPart):
    """result.json; `finished` is false where a time limit ended the run early."""

    name: str
    params: int
    recipe: str
    epochs: int
    steps: int
    finished: bool
    test_loss: float
    test_cross_entropy: float
    test_accuracy: float
    test_metrics: dict[str, float | None] = {}
    best: Best | None
    averaged: Averaged | None = None
    dataset: str
    seconds: float


# what every result says of the test set
FIGURES = ("test_loss", "test_cross_entropy", "test_accuracy")


class Identity(RecordPart):
    """What was trained: hash of the spec, the recipe's decisions, fingerprint of the data."""

    model_config = ConfigDict(extra="allow")

    spec: str
    data: str
    seed: int


class DatasetRecord(RecordPart):
    """The data of a run: its label, its place, and the number of images in each part."""

    label: str
    place: str
    fit: str | None
    train: int
    validation: int
    # the folder of the images for validation; None: they are of the training images
    validation_from: str | None = None
    test: int


class Session(RecordPart):
    """One start of a run: when (UTC), by which command, on what."""

    started: str
    command: str
    platform: str
    processor: str
    gpus: list[str]
    versions: dict[str, str]
    devices: list[str]
    replicas: int
    kernels: str
    deterministic: bool
    engine: str = FIRST_ENGINE


class Environment(Session):
    """environment.json: the first start, what was trained, and the starts of a resumed run."""

    identity: Identity
    dataset: DatasetRecord
    options: dict[str, Any]
    resumed: list[Session]

    @property
    def sessions(self) -> list[Session]:
        return [self, *self.resumed]


class Pace(RecordPart):
    epoch: int  # steps in one
    total: int


class State(RecordPart):
    """What a checkpoint's state.json says of the progress of a run."""

    pace: Pace
    epoch: int
    step: int
    seconds: float


P = TypeVar("P", bound=RecordPart)


def read(file: Path, part: type[P]) -> P:
    """A JSON file as one of the classes above. Raises DataError saying what is wrong with it."""
    try:
        return part.model_validate_json(text(file))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise DataError(
            f"{file} is damaged: {f'{where}: ' if where else ''}{first['msg']}"
        ) from None


def text(file: Path) -> str:
    """Raises DataError."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is damaged: it is not UTF-8 text") from error
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from error
