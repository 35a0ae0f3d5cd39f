"""The report: one HTML file that needs nothing else, neither a network nor scripts."""

from collections.abc import Sequence
from pathlib import Path

from archcompile import __version__
from archcompile.report import chart, page_sections, side_by_side
from archcompile.report.error_curves import Curve, curves_of, error_chart
from archcompile.report.groups import Comparison
from archcompile.report.legend import legend_list
from archcompile.report.markup import Markup, table, tag, text
from archcompile.report.reading import Record
from archcompile.report.scores import Scored

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = Path(__file__).with_name("page.css")


def of_run(run: Record, scored: Scored) -> str:
    """The report of one run. Raises DataError where a file of the run cannot be read."""
    title = f"{run.name} on {run.environment.dataset.label}"
    return _page(title, tag("h1", text(title)), _run(run, scored, 1))


def of_runs(comparison: Comparison, scores: Sequence[Scored]) -> str:
    """The comparison, then the report of each run. Raises DataError where a file is unreadable."""
    runs = comparison.runs
    if len(runs) == 1:
        return of_run(runs[0], scores[0])
    parts, links = [], []
    # in the order of the table, whose first group is the best
    order = [id(run) for group in comparison.groups for run in group.runs]
    entries = sorted(
        zip(comparison.labels, runs, scores, strict=True), key=lambda e: order.index(id(e[1]))
    )
    for i, (label, run, scored) in enumerate(entries, 1):
        parts.append(tag("section", tag("h2", text(label)), _run(run, scored, i), id=f"run{i}"))
        links.append(tag("li", tag("a", text(label), href=f"#run{i}")))
    title = f"{len(runs)} runs compared"
    contents = tag("nav", tag("ul", *links))
    return _page(title, tag("h1", text(title)), contents, _comparison(comparison), *parts)


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
    document = tag("html", head, tag("body", tag("main", *body, foot)), lang="en")
    return f"<!DOCTYPE html>\n{document}\n"


def _run(run: Record, scored: Scored, number: int) -> Markup:
    parts = [
        ("", page_sections.headline(run, scored)),
        ("over the epochs", page_sections.curve_charts(run) + page_sections.history_table(run)),
        ("classes", page_sections.classes(scored)),
        ("worst mistakes", page_sections.mistakes(scored.mistakes)),
        ("network", page_sections.network(scored, number)),
        ("recipe", page_sections.files(run)),
        ("how it was made", page_sections.environment(run, scored)),
    ]
    return "".join((tag("h3", text(title)) if title else "") + part for title, part in parts)


def _comparison(comparison: Comparison) -> Markup:
    _, *rows = side_by_side.comparison_rows(comparison)
    results = table(side_by_side.HEAD, (map(text, row) for row in rows), "figures")
    words = [*side_by_side.order_words(comparison), *side_by_side.notes(comparison)]
    notes = [tag("p", text(note), class_="note") for note in words]
    head, *measured = side_by_side.metric_rows(comparison) or [()]
    if measured:
        results += table(head, (map(text, row) for row in measured), "figures")
    curves = curves_of(comparison.groups)
    chart = _chart(curves) if curves else ""
    sentences = [side_by_side.difference_words(d, comparison) for d in comparison.differences]
    lists = [side_by_side.contrast_words(comparison)]
    if sentences:
        lists.append(["in what they differ", *sentences])
    return "".join((results, *notes, chart, *map(_list, lists)))


def _list(lines: Sequence[str]) -> Markup:
    """The first line as a heading above the others; nothing where there is none."""
    if not lines:
        return ""
    head, *others = lines
    return tag("h3", text(head)) + tag("ul", *(tag("li", text(line)) for line in others))


def _chart(curves: Sequence[Curve]) -> Markup:
    errors, entries = error_chart(curves)
    return legend_list(entries) + chart.svg(errors)
