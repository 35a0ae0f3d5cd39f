"""What the functions about networks return."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from archcompile.analyses import (
    CostRow,
    Difference,
    NetworkCost,
    TrainingMemory,
    cost_record,
    cost_rows,
    difference_record,
    group_changes,
    layer_figures,
    network_cost,
    parts,
    unit_words,
    with_distinct_names,
)
from archcompile.api import LayerGraph, image_tag
from archcompile.authoring import Shipped
from archcompile.choices import Level
from archcompile.drawing.formats import DrawingRequest, glance, text
from archcompile.interface.cells import (
    cost_cells,
    cost_columns,
    network_words,
)
from archcompile.interface.display_table import DisplayTable
from archcompile.interface.result import Result, RowResult
from archcompile.report import size
from archcompile.terminal import wrap

RECORDS: Mapping[Level, str] = {"layer": "layers", "block": "blocks", "stage": "parts"}


def _sums(cost: NetworkCost) -> str:
    attention = f", {cost.attention_macs:,} of attention" if cost.attention_macs else ""
    return (
        f"{cost.params:,} parameters ({cost.trainable:,} trainable), {cost.macs:,} multiply-adds"
        f"{attention}, {cost.layers:,} layers, {cost.joins:,} joins"
    )


@dataclass(frozen=True, repr=False)
class Summary(RowResult):
    """A network at a glance, as `archc build` prints it; `cost` has the sums below the table.

    A row of `rows` is the stem, a stage or the head.
    """

    graph: LayerGraph
    cost: NetworkCost

    def to_dict(self) -> dict[str, Any]:
        return self.graph.to_dict()

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(part) for part in parts(self.graph)]

    def __repr__(self) -> str:
        width = get_terminal_size().columns
        return "\n".join([text(self.graph, width), *wrap(_sums(self.cost), width)])

    def table(self) -> DisplayTable:
        title, (head, *rows) = glance(self.graph)
        return DisplayTable(
            title=title,
            head=tuple(head),
            rows=tuple(map(tuple, rows)),
            right=frozenset((len(head) - 1,)),
            notes=(_sums(self.cost),),
        )


@dataclass(frozen=True, repr=False)
class Cost(RowResult):
    """What a network costs; a row is a layer, a block or a stage, as `level` says."""

    graph: LayerGraph
    level: Level
    training: TrainingMemory

    @property
    def totals(self) -> NetworkCost:
        return network_cost(self.graph)

    @property
    def memory_bytes(self) -> int:
        """What a training step takes, as estimated."""
        return self.training.memory.total

    def to_dict(self) -> dict[str, Any]:
        return cost_record(self.graph, self.training)

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = self.to_dict()[RECORDS[self.level]]
        return rows

    def table(self) -> DisplayTable:
        figures = layer_figures(self.graph, self.training.precision)
        memory, batch = size(self.memory_bytes), f"{self.training.batch:,}"
        columns = cost_columns(self.totals)
        return DisplayTable(
            title=network_words(self.graph, self.totals),
            head=(self.level, "kind", *columns),
            rows=tuple(map(self._cells, cost_rows(self.graph, self.level, figures))),
            right=frozenset(range(3, 1 + len(columns))),
            notes=(_sums(self.totals), f"{memory} of memory to train at batch {batch}"),
            least=("receptive field", "activations", "kind"),
        )

    def _cells(self, row: CostRow) -> tuple[str, ...]:
        return row.name, row.what, *cost_cells(row, self.training.batch, self.totals)


@dataclass(frozen=True, repr=False)
class NetworkDifference(RowResult):
    """In what two networks differ; a row is what changed alike in some units."""

    difference: Difference
    batch: int

    @property
    def is_same(self) -> bool:
        return self.difference.is_same

    def to_dict(self) -> dict[str, Any]:
        return difference_record(self.difference, self.batch)

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"part": group["part"], "units": group["units"], **change}
            for group in self.to_dict()["differences"]
            for change in group["changes"]
        ]

    def svg(self) -> str:
        """The drawing of the difference."""
        from archcompile.drawing.formats import draw_difference

        return draw_difference(with_distinct_names(self.difference))

    def save(self, output: str | Path) -> Path:
        """Draws the difference to a .svg or .png file."""
        from archcompile.drawing.formats import check_image, encode_drawing
        from archcompile.outputs import save

        path = Path(output)
        check_image(path)
        save(path, encode_drawing(self.svg(), path.suffix.lower()))
        return path

    def table(self) -> DisplayTable:
        rows = [
            (
                f"{group.part} {unit_words(group.units)}".strip(),
                entry.sign,
                ", ".join(entry.names) or entry.words,
                entry.words if entry.names else "",
            )
            for group in group_changes(self.difference)
            for entry in group.entries
        ]
        return DisplayTable(
            title=self._title(),
            head=("", "", "layers", "change"),
            rows=tuple(rows),
            notes=tuple(self._notes()),
        )

    def _title(self) -> str:
        named = with_distinct_names(self.difference)
        if self.is_same:
            return f"{named.a.name} and {named.b.name} are the same network"
        return f"{named.a.name} -> {named.b.name}"

    def _notes(self) -> Iterator[str]:
        before, after = network_cost(self.difference.a), network_cost(self.difference.b)
        figures = {
            "parameters": (before.params, after.params),
            "multiply-adds": (before.macs, after.macs),
            "multiply-adds of attention": (before.attention_macs, after.attention_macs),
            "depth": (before.depth, after.depth),
        }
        for name, (a, b) in figures.items():
            if a != b:
                yield f"{name} {a:,} -> {b:,}"

    def _repr_html_(self) -> str:
        drawn = "" if self.is_same else f"\n{image_tag(self.svg())}"
        return self.table().html() + drawn


@dataclass(frozen=True, repr=False, kw_only=True)
class NetworkDrawing(Result):
    """A drawing of networks: `content` in the format of `request`, and the file, if written."""

    graphs: tuple[LayerGraph, ...]
    request: DrawingRequest
    content: str | bytes
    note: str | None
    file: Path | None

    def to_dict(self) -> dict[str, Any]:
        """Each network's boxes, edges and frames: what `-o FILE.json --level LEVEL` writes."""
        from archcompile.drawing.formats import drawing_data

        level, style = self.request.level, self.request.layer_style
        return {"drawings": [drawing_data(graph, level, style) for graph in self.graphs]}

    def save(self, output: str | Path) -> Path:
        """Writes the drawing; the file's suffix must be that of its format."""
        from archcompile.errors import UsageError
        from archcompile.outputs import save

        path = Path(output)
        if path.suffix.lower() != self.request.suffix:
            raise UsageError(
                f"the drawing is a {self.request.suffix}, and {path} is not",
                hint=f'for another format, draw it with output="{path}"',
            )
        save(path, self.content)
        return path

    def table(self) -> DisplayTable:
        names = ", ".join(graph.name for graph in self.graphs)
        title = f"drawing of {names}: {self.request.suffix}, {len(self.content):,} characters"
        notes = [*([f"in {self.file}"] if self.file else []), *filter(None, [self.note])]
        return DisplayTable(title=title, head=(), rows=(), notes=tuple(notes))

    def _repr_html_(self) -> str:
        if self.request.suffix == ".svg" and isinstance(self.content, str):
            return image_tag(self.content)
        return self.table().html()

    def _repr_png_(self) -> bytes | None:
        return self.content if isinstance(self.content, bytes) else None


@dataclass(frozen=True, repr=False)
class SpecList(RowResult):
    """The specs that ship, by family."""

    specs: tuple[Shipped, ...]

    def __iter__(self) -> Iterator[Shipped]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)

    def __getitem__(self, place: int) -> Shipped:
        return self.specs[place]

    def to_dict(self) -> dict[str, Any]:
        return {"specs": [dict(row) for row in self.rows]}

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(spec) for spec in self.specs]

    def table(self) -> DisplayTable:
        rows = [(s.name if s.name == s.family else f"  {s.name}", s.about) for s in self.specs]
        title = f"{len(self.specs)} specs ship with archc"
        return DisplayTable(title=title, head=("spec", "about"), rows=tuple(rows))
