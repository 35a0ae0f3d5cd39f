"""`archc export`: writes a network for another program, runs it there, and compares.

The file is kept only if it computes the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archcompile.choices import SourceStyle
from archcompile.engine import open_for_scoring
from archcompile.errors import UsageError
from archcompile.exporting.compare import Comparison
from archcompile.exporting.formats import FORMATS, Exported, Format
from archcompile.exporting.record import Check, ExportRecord, FileInput, FileOutput
from archcompile.exporting.subject import ExportSubject, of_run, of_spec
from archcompile.exporting.writing import ComparedFile, check_free, try_writing, write
from archcompile.graph import semantic_hash
from archcompile.keras_model import identity, set_weights, to_keras, weights_of
from archcompile.limits import MAX_NODES
from archcompile.messages import Say
from archcompile.outputs import save
from archcompile.passes import run as run_passes
from archcompile.quiet import load_keras
from archcompile.run_files import holds_run
from archcompile.run_folder import folder


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """What is asked for: `what` is the folder of a run, or a spec; `form` is one of FORMATS.

    `style` is that of PyTorch's source. `which` checkpoint and `data` to compare on are for runs,
    `sets` and `max_nodes` for specs.
    """

    what: str
    form: str
    output: Path | None = None
    style: SourceStyle = "article"
    passes: tuple[str, ...] = ()
    preprocessing: bool = False
    which: str = "last"
    data: str | None = None
    data_dir: Path | None = None
    seed: int = 0
    sets: Sequence[str] = ()
    max_nodes: int = MAX_NODES


def export(request: ExportRequest, say: Say) -> ExportRecord:
    """Export a run, or a spec with fresh weights. Returns the record beside the file.

    Raises MissingError before anything else; UsageError, DataError; ArchError where what was
    written computes something else, and is gone again.
    """
    form = FORMATS[request.form]
    _start(request, form)
    subject = _subject(request, say)
    path = request.output or subject.folder / form.file
    exported = replace(
        _prepare(subject, request.passes, request.preprocessing), style=request.style
    )
    check_free(form, path)
    trial = _try_random_weights(subject, form, path, passes=request.passes, style=request.style)
    file = write(subject, exported, form, path=path, preprocessing=request.preprocessing)
    check = Check(
        runtime=form.runtime,
        on=subject.on,
        random_seed=request.seed if trial else None,
        comparison=trial or file.comparison,
    )
    if not check.comparison.is_telling:
        say(
            "the outputs hardly depend on the image: this comparison says little (weights: "
            f"{check.weights})"
        )
    record = _record(request, subject, exported, file=file, path=path, check=check)
    content = {**record.record(), "spec": subject.graph.spec_text}
    save(record.about, json.dumps(content, indent=1) + "\n")
    return record


def _start(request: ExportRequest, form: Format) -> None:
    """Starts what the format needs: of a run its own engine, where any will do."""
    if form.need is load_keras and holds_run(Path(request.what)):
        open_for_scoring(folder.open_run(Path(request.what)).engine())
    form.need()


def _subject(request: ExportRequest, say: Say) -> ExportSubject:
    """Raises UsageError for an option of runs that is given with a spec, and the reverse."""
    if holds_run(Path(request.what)):
        if request.sets:
            raise UsageError("--set is for specs: a run is what it was trained as")
        return of_run(
            request.what,
            request.which,
            request.data,
            data_dir=request.data_dir,
            seed=request.seed,
            say=say,
        )
    options = {
        "--preprocessing": request.preprocessing,
        "--checkpoint": request.which != "last",
        "--data": request.data,
        "--data-dir": request.data_dir,
    }
    for option, is_given in options.items():
        if is_given:
            raise UsageError(
                f"{option} is for runs, and {request.what} is none",
                hint="name the folder of a run",
            )
    return of_spec(request.what, request.sets, request.max_nodes, seed=request.seed)


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


def _try_random_weights(
    subject: ExportSubject, form: Format, path: Path, *, passes: Sequence[str], style: SourceStyle
) -> Comparison | None:
    """How a file of the network with random weights compares; the file is not kept.

    None where the weights are those of a run.
    """
    if subject.trial is None:
        return None
    exported = replace(_prepare(subject.trial, passes, False), style=style)
    return try_writing(subject.trial, exported, form, path=path)


def _record(
    request: ExportRequest,
    subject: ExportSubject,
    exported: Exported,
    *,
    file: ComparedFile,
    path: Path,
    check: Check,
) -> ExportRecord:
    """The network, by the names that its input and outputs have in the file."""
    graph = subject.graph
    outputs = tuple(
        FileOutput(
            name=file.outputs[label],
            label=label,
            node=node,
            shape=exported.graph.nodes[node].shape,
        )
        for label, node in exported.graph.outputs.items()
    )
    return ExportRecord(
        form=request.form,
        file=path,
        name=graph.name,
        hash=semantic_hash(graph),
        provenance=subject.provenance,
        classes=subject.classes,
        input=FileInput(name=file.input, shape=graph.input_shape, is_raw=request.preprocessing),
        outputs=outputs,
        scaling=subject.scaling,
        passes=request.passes,
        check=check,
    )
