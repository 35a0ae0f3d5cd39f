"""The report: one HTML file that needs nothing else, neither a network nor scripts."""

from collections.abc import Sequence
from pathlib import Path

from archcompile import __version__
from archcompile.report import chart, sections, side_by_side
from archcompile.report.chart import Chart, Line
from archcompile.report.error_curves import Curve, curves_of, solid, top
from archcompile.report.groups import Comparison
from archcompile.report.markup import Markup, table, tag, text
from archcompile.report.mistakes import Scored
from archcompile.report.reading import Record

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
WIDE = 860  # of the one picture of a comparison
STYLE = Path(__file__).with_name("page.css")


def of_run(run: Record, scored: Scored) -> str:
    """The report of one run. Raises DataError where a file of the run cannot be read."""
    title = f"{run.name} on {run.environment.dataset.label}"
    return _page(title, tag("h1", text(title)), _run(run, scored))


def of_runs(found: Comparison, scored: Sequence[Scored]) -> str:
    """The comparison, and then the report of each run. Raises DataError where a file of a run
    cannot be read.
    """
    if len(found.runs) == 1:
        return of_run(found.runs[0], scored[0])
    parts = [
        tag("section", tag("h2", text(label)), _run(run, one), id=f"run{i}")
        for i, (label, run, one) in enumerate(zip(found.labels, found.runs, scored, strict=True), 1)
    ]
    contents = tag(
        "ul",
        *(
            tag("li", tag("a", text(label), href=f"#run{i}"))
            for i, label in enumerate(found.labels, 1)
        ),
    )
    title = f"{len(found.runs)} runs compared"
    return _page(title, tag("h1", text(title)), tag("nav", contents), _comparison(found), *parts)


def _page(title: str, *body: Markup) -> str:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", text(title)),
        tag("style", STYLE.read_text(encoding="utf-8")),
    )
    foot = tag("footer", text(f"archcompile {__version__}"))
    return (
        f"<!DOCTYPE html>\n{tag('html', head, tag('body', tag('main', *body, foot)), lang='en')}\n"
    )


def _run(run: Record, scored: Scored) -> Markup:
    parts = [
        ("", sections.headline(run, scored)),
        ("over the epochs", sections.curve_charts(run) + sections.history_table(run)),
        ("classes", sections.classes(scored)),
        ("worst mistakes", sections.mistakes(scored.mistakes)),
        ("recipe", sections.files(run)),
        ("how it was made", sections.environment(run, scored)),
    ]
    return "".join((tag("h3", text(title)) if title else "") + part for title, part in parts)


def _comparison(found: Comparison) -> Markup:
    rows = [[text(cell) for cell in row] for row in side_by_side.comparison_rows(found)[1:]]
    notes = [tag("p", text(note), class_="note") for note in side_by_side.notes(found)]
    drawn = curves_of(found.groups)
    differences = [
        tag("li", text(side_by_side.difference(one, found))) for one in found.differences
    ]
    told = tag("h3", "in what they differ") + tag("ul", *differences) if differences else ""
    return "".join(
        (table(side_by_side.HEAD, rows, "figures"), *notes, _picture(drawn) if drawn else "", told)
    )


def _picture(drawn: Sequence[Curve]) -> Markup:
    lines = []
    for curve in drawn:
        for values, ranges, dashed in (
            (curve.training, curve.training_ranges, True),
            (curve.measured, curve.measured_ranges, False),
        ):
            band = [(e, *ends) for e, ends in zip(curve.epochs, ranges, strict=False)]
            lines.append(
                Line(
                    label=curve.label,
                    colour=curve.colour,
                    points=list(zip(curve.epochs, values, strict=True)),
                    dashed=dashed,
                    band=band,
                )
            )
    entries = [("training", "var(--soft)", True), (solid(drawn), "var(--soft)", False)]
    entries += [(curve.label, curve.colour, False) for curve in drawn]
    return chart.legend(entries) + chart.svg(
        Chart(title="error (%) over epochs", lines=lines, top=top(drawn), width=WIDE)
    )
