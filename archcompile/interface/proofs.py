"""The functions that hold a network against something: `verify`, and `export`, which compares."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from archcompile.api import LayerGraph
from archcompile.api import compile as compile_spec
from archcompile.argument_checks import Count, Seed, check_arguments
from archcompile.choices import CheckpointName, ExportFormat, SourceStyle
from archcompile.errors import UsageError
from archcompile.interface.display_table import DisplayTable
from archcompile.interface.networks import Network, graph_of
from archcompile.interface.result import Result, RowResult
from archcompile.interface.trainings import RunLike, folder_of
from archcompile.limits import MAX_NODES
from archcompile.messages import Say, to_python

if TYPE_CHECKING:
    from archcompile.exporting import ExportRecord
    from archcompile.verification import Proof


# ---- verify --------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Verification(RowResult):
    """Whether a network is another; a row is a kind of numbers that were compared."""

    proof: "Proof"

    @cached_property
    def certificate(self) -> Mapping[str, Any]:
        """Everything that was compared, with the versions and the date."""
        return self.proof.certificate()

    @property
    def verdict(self) -> str:
        """`same`, `different` or `cannot tell`."""
        return str(self.certificate["verdict"])

    @property
    def is_same(self) -> bool:
        return self.verdict == "same"

    @property
    def reason(self) -> str:
        return self.proof.reason

    def to_dict(self) -> dict[str, Any]:
        return dict(self.certificate)

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        numbers = self.certificate["numbers"]
        return [
            {"kind": kind, **figures}
            for kind, figures in (numbers["quantities"] if numbers else {}).items()
        ]

    def table(self) -> DisplayTable:
        sides = f"{self.proof.candidate.label} and {self.proof.reference.label}"
        rows = [
            (row["kind"], f"{row['count']:,}", f"{row['largest']:.1e}", row["at"] or "")
            for row in self.rows
        ]
        return DisplayTable(
            title=f"{self.verdict}: {sides} ({self.proof.level})",
            head=("compared", "number", "largest difference", "at"),
            rows=tuple(rows),
            right=frozenset((1, 2)),
            notes=tuple(filter(None, (self.reason, self.proof.advice))),
        )


@check_arguments
def verify(
    network: Network,
    against: str | Path,
    *,
    level: Literal["exact", "canonical"] = "exact",
    output: str | Path | None = None,
    sets: Sequence[str] = (),
    input: tuple[Count, Count, Count] | None = None,  # noqa: A002 - the option's name
    seed: Seed = 0,
    trust: bool = False,
    ignore_initialisers: bool = False,
    max_nodes: Count = MAX_NODES,
) -> Verification:
    """Whether a network is another: compares layers, wiring, then numbers with random weights.

    `against` is FILE.keras, keras.applications:NAME, another spec, or source:FILE.py, which runs
    only with `trust`. `output` is where a certificate is written, `input` the (height, width,
    channels) to build for. With `ignore_initialisers`, initial values are not compared.
    """
    against, file = str(against), None if output is None else Path(output)
    _check_proof_options(against, input, file)
    size = [f"input={list(input)}"] if input else []
    graph = graph_of(network, (*sets, *size), max_nodes)
    # TensorFlow must not start before
    from archcompile.verification import start_exactly

    start_exactly()
    from archcompile.torch_graph import is_torch_reference
    from archcompile.verification import (
        candidate_for,
        of_torch,
        prove,
        reference,
        torch_network,
        without_initial_values,
    )

    def compile_reference(name: str) -> LayerGraph:
        return compile_spec(name, sets=size, max_nodes=max_nodes)

    # first: what cannot be read is reported before much is built
    if is_torch_reference(against):
        counterpart = of_torch(torch_network(against, graph.input_shape, trust))
    else:
        counterpart = reference(against, graph.input_shape, trust, compile_text=compile_reference)
    candidate = candidate_for(graph, counterpart)
    if ignore_initialisers and counterpart.witness is None:
        candidate, counterpart = map(without_initial_values, (candidate, counterpart))
    result = Verification(prove(candidate, counterpart, level, seed=seed))
    if file is not None:
        from archcompile.outputs import save

        save(file, json.dumps(result.to_dict(), indent=2) + "\n")
    return result


_REFERENCES = (
    "a reference is FILE.keras or FILE.h5, keras.applications:NAME, a spec, or source:FILE.py, "
    "which assigns a Keras model to `model`; counts from elsewhere are claims, under `expect`"
)


def _check_proof_options(
    against: str, shape: tuple[int, int, int] | None, output: Path | None
) -> None:
    """Raises UsageError, before anything is built."""
    if shape and against.endswith(".keras"):
        raise UsageError(
            f"--input cannot change the size that {against} was saved with",
            hint="use --set on the spec alone",
        )
    kind = re.match(r"[A-Za-z][\w.]+(?=:)", against)
    if kind and kind[0] not in ("source", "keras.applications") and not Path(against).exists():
        raise UsageError(f"there are no references `{kind[0]}:…`", hint=_REFERENCES)
    if output is not None and output.suffix.lower() != ".json":
        raise UsageError(
            f"a certificate cannot be written as {output}", hint="name a file that ends in .json"
        )
    if output is not None and not output.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {output.parent}", hint=f"mkdir -p {output.parent}")


# ---- export --------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Export(Result):
    """A file for another program, and how its numbers compare with the network's.

    Source has a `text` and, if it was written, a `file`, but no `record`: it holds no weights.
    """

    file: Path | None
    record: "ExportRecord | None" = None
    text: str | None = None

    def to_dict(self) -> dict[str, Any]:
        if self.record is None:
            file = None if self.file is None else str(self.file)
            return {"format": "source", "file": file, "text": self.text}
        return self.record.record()

    def table(self) -> DisplayTable:
        if self.record is None:
            words = f"source of {len((self.text or '').splitlines()):,} lines"
            return DisplayTable(title=words, head=(), rows=(), notes=self._file_notes())
        notes = (self.record.check.words, f"described in {self.record.about}")
        return DisplayTable(
            title=f"{self.record.form} of {self.record.name}",
            head=(),
            rows=(),
            notes=(*self._file_notes(), *notes),
        )

    def _file_notes(self) -> tuple[str, ...]:
        return () if self.file is None else (f"in {self.file}",)


@check_arguments
def export(
    what: "RunLike | Network",
    format: ExportFormat,  # noqa: A002 - the option's name
    *,
    output: str | Path | None = None,
    style: SourceStyle | None = None,
    passes: Sequence[str] = (),
    preprocessing: bool = False,
    checkpoint: CheckpointName = "last",
    data: str | Path | None = None,
    data_dir: str | Path | None = None,
    seed: Seed = 0,
    sets: Sequence[str] = (),
    max_nodes: Count = MAX_NODES,
    say: Say = to_python,
) -> Export:
    """Writes a network for another program, runs it there and compares.

    `what` is a run, the folder of one, or a spec; a compiled graph for source alone. Raises
    ArchError if the numbers differ; then nothing is kept.
    """
    from archcompile.passes import parse_names

    names = parse_names(",".join(passes)) if passes else ()
    file = None if output is None else Path(output)
    if format == "source":
        options = {
            "--preprocessing": preprocessing,
            "--checkpoint": checkpoint != "last",
            "--data": data,
            "--data-dir": data_dir,
        }
        check_source_options(options, file)
        graph = exported_graph(what, sets=sets, max_nodes=max_nodes, say=say)
        return write_source(graph, style or "article", names, output=file)
    if style is not None and format != "torch":
        raise UsageError("--style is for --format source and torch")
    if isinstance(what, LayerGraph):
        raise UsageError(
            f"{what.name} is compiled already, and an export is of a run or a spec",
            hint="give the spec and its settings; or write graph.to_keras() to a file yourself",
        )
    from archcompile.exporting import ExportRequest
    from archcompile.exporting import export as write

    request = ExportRequest(
        what=str(folder_of(what)),
        form=format,
        output=file,
        style=style or "article",
        passes=names,
        preprocessing=preprocessing,
        which=checkpoint,
        data=None if data is None else str(data),
        data_dir=None if data_dir is None else Path(data_dir),
        seed=seed,
        sets=sets,
        max_nodes=max_nodes,
    )
    record = write(request, say)
    return Export(file=record.file, record=record)


def check_source_options(given: Mapping[str, object], output: Path | None) -> None:
    """Raises UsageError for options that source has no use for, and for a file of another kind."""
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} is not for --format source, which holds no weights")
    if output is not None and output.suffix != ".py":
        raise UsageError(f"{output} does not end in .py", hint=f"-o {output.with_suffix('.py')}")


def exported_graph(
    what: "RunLike | Network", *, sets: Sequence[str], max_nodes: int, say: Say
) -> LayerGraph:
    """The network of a spec, or of a run as it was trained. Raises UsageError, DataError."""
    from archcompile.run_files import RESOLVED, holds_run

    if isinstance(what, LayerGraph):
        return graph_of(what, sets, max_nodes)
    folder = Path(folder_of(what))
    if not holds_run(folder):
        return compile_spec(folder_of(what), sets=sets, max_nodes=max_nodes)
    from archcompile.run_folder import Run, check

    if sets:
        raise UsageError("--set is for specs: a run is what it was trained as")
    check(Run(folder), say)
    return compile_spec(str(folder / RESOLVED), max_nodes=max_nodes)


def write_source(
    graph: LayerGraph, style: SourceStyle, passes: Sequence[str], *, output: Path | None
) -> Export:
    """The source of a network after rewrites; written to a file where one is named."""
    from archcompile.outputs import save
    from archcompile.passes import run
    from archcompile.source import to_source

    text = to_source(run(graph, passes).graph, style)
    if output is not None:
        save(output, text)
    return Export(file=output, text=text)
