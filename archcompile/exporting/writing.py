"""A file that is written, run by the program that reads it, compared, and only then kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from archcompile.errors import UsageError
from archcompile.exporting.compare import Comparison, check_close, measure
from archcompile.exporting.formats import Exported, Format, Run, of_keras, outputs
from archcompile.exporting.subject import ExportSubject
from archcompile.keras_model import (
    precise_layer,
    recursion_for,
    set_weights,
    to_keras,
    weights_of,
)
from archcompile.outputs import ELSEWHERE, make_folder, replacing_output, temporary_output
from archcompile.quiet import quiet_start
from archcompile.run_files import holds_run


@dataclass(frozen=True)
class ComparedFile:
    """The names of a file's input and outputs (by label), and how it compared."""

    input: str
    outputs: Mapping[str, str]
    comparison: Comparison


def check_free(form: Format, path: Path) -> None:
    """Raises UsageError where the place is taken by something else."""
    make_folder(path.parent)
    suffix = Path(form.file).suffix
    is_folder = not suffix
    if path.exists() and path.is_dir() != is_folder:
        kind = "a folder" if path.is_dir() else "a file"
        raise UsageError(f"{path} is {kind}", hint=ELSEWHERE)
    if is_folder and path.exists() and any(path.iterdir()) and not form.is_own(path):
        raise UsageError(f"{path} is a folder with other contents", hint=ELSEWHERE)
    if suffix and path.suffix != suffix:
        raise UsageError(
            f"{path} does not end in {suffix}, as its readers expect",
            hint=f"-o {path.with_suffix(suffix)}",
        )
    if holds_run(path.parent):
        raise UsageError(
            f"{path} would be among the files of a run",
            hint=f"-o {path.parent / 'export' / path.name}",
        )


def write(
    subject: ExportSubject, exported: Exported, form: Format, *, path: Path, preprocessing: bool
) -> ComparedFile:
    """Writes under another name, compares, and renames. Raises DataError, ArchError."""
    with replacing_output(path) as part:
        return _write_and_compare(subject, exported, form, part=part, preprocessing=preprocessing)


def try_writing(
    subject: ExportSubject, exported: Exported, form: Format, *, path: Path
) -> Comparison:
    """How the file compares that would be written at `path`; it is not kept."""
    with temporary_output(path) as part:
        return _write_and_compare(
            subject, exported, form, part=part, preprocessing=False
        ).comparison


def _write_and_compare(
    subject: ExportSubject, exported: Exported, form: Format, *, part: Path, preprocessing: bool
) -> ComparedFile:
    """What is written at `part`, held against the subject's model. Raises ArchError."""
    reference = outputs(of_keras(subject.graph, subject.model), subject.prepared)
    # Each of these programs logs what it is about to do.
    with recursion_for(exported.graph), quiet_start():
        form.write(exported, part)
        loaded = form.load(exported, part)
        images = subject.pixels if preprocessing else subject.prepared
        comparison = measure(reference, outputs(loaded.run, images, loaded.batch))
        if not comparison.is_close and loaded.run_precisely is not None:
            comparison = _compare_precisely(subject, loaded.run_precisely, images)
    check_close(comparison)
    return ComparedFile(loaded.input, loaded.outputs, comparison)


def _compare_precisely(subject: ExportSubject, run: Run, images: np.ndarray) -> Comparison:
    """The comparison in float64: in float32, depth amplifies rounding."""
    graph = subject.graph
    model = to_keras(graph, precise_layer)
    set_weights(graph, model, weights_of(graph, subject.model))
    reference = outputs(of_keras(graph, model), subject.prepared.astype(np.float64))
    return replace(measure(reference, run(images)), is_precise=True)
