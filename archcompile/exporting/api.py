"""`archc export`: writes a network for another program, runs it there, and compares.

The file is kept only if it computes the same.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile import __version__
from archcompile.errors import DataError, UsageError
from archcompile.exporting.compare import Comparison, compare
from archcompile.exporting.formats import FORMATS, Exported, Format, of_keras, outputs, remove
from archcompile.exporting.subject import ExportSubject, of_run, of_spec
from archcompile.graph import semantic_hash
from archcompile.keras_model import identity, recursion_for, set_weights, to_keras, weights_of
from archcompile.limits import MAX_NODES
from archcompile.messages import Say
from archcompile.ops import show
from archcompile.outputs import make_folder, save
from archcompile.passes import run as run_passes
from archcompile.quiet import load_keras, quiet_start
from archcompile.run_files import PART, holds_run

Record = dict[str, Any]


def export(
    what: str,
    form: str,
    output: Path | None,
    *,
    passes: Sequence[str],
    preprocessing: bool,
    which: str,
    data: str | None,
    data_dir: Path | None,
    seed: int,
    sets: Sequence[str],
    max_nodes: int = MAX_NODES,
    say: Say,
) -> Record:
    """Export a run, or a spec with fresh weights, in one of FORMATS. Returns the record beside it.

    Raises MissingError before anything else; UsageError, DataError; ArchError where what was
    written computes something else, and is gone again.
    """
    chosen = FORMATS[form]
    chosen.need()
    if holds_run(Path(what)):
        if sets:
            raise UsageError("--set is for specs: a run is what it was trained as")
        subject = of_run(what, which, data, data_dir=data_dir, seed=seed, say=say)
    else:
        options = {
            "--preprocessing": preprocessing,
            "--checkpoint": which != "last",
            "--data": data,
            "--data-dir": data_dir,
        }
        for option, is_given in options.items():
            if is_given:
                raise UsageError(
                    f"{option} is for runs, and {what} is none", hint="name the folder of a run"
                )
        subject = of_spec(what, sets, max_nodes, seed=seed)
    path = output or subject.folder / chosen.file
    exported = _prepare(subject, passes, preprocessing)
    _check_free(chosen, path)
    trial = _try_random_weights(subject, chosen, path, passes=passes)
    file = _write(subject, exported, chosen, path=path, preprocessing=preprocessing)
    comparison = trial or file.comparison
    weights = f"random, seed {seed}" if trial else "those of the file"
    if not comparison.telling:
        say(
            "the outputs hardly depend on the image: this comparison says little (weights: "
            f"{weights})"
        )
    check = {
        "runtime": chosen.runtime,
        "on": subject.on,
        "weights": weights,
        "pictures": comparison.images,
        "largest_difference": comparison.difference,
        "relative": comparison.relative,
        "equal_arg_max": comparison.equal,
        "telling": comparison.telling,
    }
    head = {"archc": 1, "format": form, "file": str(path), "about": f"{path}.json"}
    record = _record(
        subject, exported, file, head=head, passes=passes, preprocessing=preprocessing, check=check
    )
    save(
        Path(record["about"]),
        json.dumps({**record, "spec": subject.graph.spec_text}, indent=1) + "\n",
    )
    return record


def _prepare(subject: ExportSubject, passes: Sequence[str], preprocessing: bool) -> Exported:
    """The network as it will be written: rewritten, with preprocessing in front."""
    rewrite = run_passes(subject.graph, passes)
    weights = rewrite.carry(weights_of(subject.graph, subject.model))
    scaling = subject.scaling if preprocessing else None
    model = subject.model
    if passes or scaling:
        model = to_keras(
            rewrite.graph, before=scaling.layers(load_keras()) if scaling else identity
        )
        set_weights(rewrite.graph, model, weights)
    facts = {"name": subject.graph.name, "spec_hash": semantic_hash(subject.graph)}
    if subject.classes:
        facts["classes"] = json.dumps(subject.classes)
    return Exported(graph=rewrite.graph, model=model, weights=weights, scaling=scaling, facts=facts)


@dataclass(frozen=True)
class _File:
    """A file that was written, run and compared, with the names of its input and outputs."""

    input: str
    outputs: Mapping[str, str]
    comparison: Comparison


def _try_random_weights(
    subject: ExportSubject, form: Format, path: Path, *, passes: Sequence[str]
) -> Comparison | None:
    """How a file of the network with random weights compares; the file is not kept.

    None where the weights are those of a run.
    """
    if subject.trial is None:
        return None
    trial = replace(subject, model=subject.trial)
    part = _part(path)
    try:
        exported = _prepare(trial, passes, False)
        file = _write_and_compare(trial, exported, form, part=part, preprocessing=False)
        return file.comparison
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        remove(part)


def _write(
    subject: ExportSubject, exported: Exported, form: Format, *, path: Path, preprocessing: bool
) -> _File:
    """Writes under another name, compares, and renames. Raises DataError, ArchError."""
    part = _part(path)
    try:
        file = _write_and_compare(subject, exported, form, part=part, preprocessing=preprocessing)
        if part.is_dir() and path.exists():
            remove(path)
        os.replace(part, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        remove(part)
    return file


def _write_and_compare(
    subject: ExportSubject, exported: Exported, form: Format, *, part: Path, preprocessing: bool
) -> _File:
    """What is written at `part`, held against the subject's model. Raises ArchError."""
    reference = outputs(of_keras(subject.graph, subject.model), subject.prepared)
    # Each of these programs logs what it is about to do.
    with recursion_for(exported.graph), quiet_start():
        form.write(exported, part)
        loaded = form.load(exported, part)
        got = outputs(loaded.run, subject.pixels if preprocessing else subject.prepared)
    return _File(loaded.input, loaded.outputs, compare(reference, got))


def _part(path: Path) -> Path:
    return path.with_name(f"{PART}{os.getpid()}-{path.name}")


def _unwritable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} cannot be written: {error.strerror or error}", hint="choose another place with -o"
    )


def _check_free(form: Format, path: Path) -> None:
    """Raises UsageError where the place is taken by something else."""
    make_folder(path.parent)
    is_folder = not Path(form.file).suffix
    if path.exists() and path.is_dir() != is_folder:
        raise UsageError(
            f"{path} is {'a folder' if path.is_dir() else 'a file'}",
            hint="choose another place with -o",
        )
    if (
        is_folder
        and path.exists()
        and not (path / "saved_model.pb").exists()
        and any(path.iterdir())
    ):
        raise UsageError(
            f"{path} is a folder with other contents", hint="choose another place with -o"
        )
    suffix = Path(form.file).suffix
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


def _record(
    subject: ExportSubject,
    exported: Exported,
    file: _File,
    *,
    head: Record,
    passes: Sequence[str],
    preprocessing: bool,
    check: Record,
) -> Record:
    """Everything that users of the file must know, but the spec itself, by the file's names."""
    graph = subject.graph
    return {
        **head,
        "name": graph.name,
        "hash": semantic_hash(graph),
        **subject.facts,
        "classes": subject.classes and list(subject.classes),
        "input": {
            "name": file.input,
            "shape": list(graph.input_shape),
            "dtype": "float32",
            "values": "pixels 0 to 255"
            if preprocessing
            else "images as the network was trained on",
        },
        "outputs": [
            {
                "name": file.outputs[label],
                "label": label,
                "node": node,
                "shape": list(exported.graph.nodes[node].shape),
            }
            for label, node in exported.graph.outputs.items()
        ],
        "preprocessing": _preprocessing(subject, preprocessing),
        "passes": list(passes),
        "check": check,
        "archcompile": __version__,
    }


def _preprocessing(subject: ExportSubject, inside: bool) -> Mapping[str, Any] | None:
    """What images must go through; a mean image is only named, it lies with the run."""
    scaling = subject.scaling
    if scaling is None:
        return None

    def record(numbers: np.ndarray | None) -> Any:
        if numbers is None or numbers.ndim == 1:
            return None if numbers is None else numbers.tolist()
        return f"an image of {show(numbers.shape)}"

    return {
        "inside": inside,
        "scale": scaling.scale,
        "mean": record(scaling.mean),
        "std": record(scaling.std),
    }
