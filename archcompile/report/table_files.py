"""A comparison as a table in a file: Markdown and LaTeX for people, CSV for programs."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields

from archcompile.report.contrasts import contrasts
from archcompile.report.formatting import figure
from archcompile.report.groups import Comparison, SeedGroup
from archcompile.report.records import FIGURES
from archcompile.report.side_by_side import difference_words, notes
from archcompile.report.summary import Summary

HEAD = ("network", "parameters", "runs", "test loss", "cross-entropy", "test accuracy")
AGAINST = "compared with the first (95 %)"
SIGN = re.compile(r"(?<!\w)-(?=\d)")
TEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_\allowbreak{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "−": "$-$",
    "…": r"\ldots{}",
    "·": r"$\cdot$",
    "|": r"$\vert$",
    "<": r"$<$",
    ">": r"$>$",
}


def table_file(comparison: Comparison, suffix: str) -> str:
    """The content of a file with this suffix, one of `TABLES`."""
    return TABLES[suffix](comparison)


def _group_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """A header, and a row for each group: what a paper's table has."""
    compared = {contrast.group.mark: str(contrast) for contrast in contrasts(comparison)}
    rows: list[tuple[str, ...]] = [(*HEAD, AGAINST) if compared else HEAD]
    for group in comparison.groups:
        row = (f"{group.mark}  {group.label}", *_group_figures(group, comparison))
        rows.append((*row, compared.get(group.mark, "")) if compared else row)
    return rows


def _group_figures(group: SeedGroup, comparison: Comparison) -> tuple[str, ...]:
    """Parameters, runs, and the mean and deviation of each figure, or what one run has reached."""
    lines = dict(zip(map(id, comparison.runs), comparison.lines, strict=True))
    summaries = [lines[id(run)] for run in group.runs]
    params = summaries[0].params
    start = ("" if params is None else f"{params:,}", str(len(group.runs)))
    if group.figures:
        return (*start, *(str(group.figures[name]) for name in FIGURES))
    is_single = len(summaries) == 1
    return (*start, *(figure(getattr(summaries[0], n)) if is_single else "" for n in FIGURES))


def _sentences(comparison: Comparison) -> list[str]:
    words = [difference_words(item, comparison) for item in comparison.differences]
    return [*words, *notes(comparison)]


def _markdown(comparison: Comparison) -> str:
    head, *rows = _group_rows(comparison)
    marks = ["---", *["---:"] * (len(head) - 1)]
    lines = [f"| {' | '.join(map(_markdown_cell, row))} |" for row in (head, marks, *rows)]
    sentences = [f"* {_markdown_cell(sentence)}" for sentence in _sentences(comparison)]
    return "\n".join([*lines, *([""] if sentences else []), *sentences]) + "\n"


def _markdown_cell(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\|*_`[]<>" else char for char in text)


def _tex(comparison: Comparison) -> str:
    """A tabular that needs no package, in the width of `article`; comments say what differs.

    The losses are left out where intervals need their place, the cross-entropy always is.
    """
    compared = {contrast.group.mark: str(contrast) for contrast in contrasts(comparison)}
    dropped = (3, 4) if compared else (4,)
    head: list[str] = ["", *(name for i, name in enumerate(HEAD) if i not in dropped)]
    head += [AGAINST] if compared else []
    comments = [f"% {' '.join(sentence.split())}" for sentence in _sentences(comparison)]
    wide = (1, len(head) - 1) if compared else (1,)  # the columns whose cells are broken
    lines = []
    for group in comparison.groups:
        row = (group.name, *_group_figures(group, comparison))
        shown = [group.mark, *(cell for i, cell in enumerate(row) if i not in dropped)]
        shown += [compared.get(group.mark, "")] if compared else []
        lines.append(_tex_row(shown, wide))
    paragraph = r"p{0.2\textwidth}"
    columns = f"@{{}}l{paragraph}" + "r" * (len(HEAD) - 1 - len(dropped))
    columns += f"{paragraph if compared else ''}@{{}}"
    return "\n".join(
        [
            *comments,
            r"\begingroup\setlength{\tabcolsep}{4pt}%",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\hline",
            _tex_row(head, wide),
            r"\hline",
            *lines,
            r"\hline",
            r"\end{tabular}\endgroup",
            "",
        ]
    )


def _tex_row(row: Sequence[str], wide: Sequence[int]) -> str:
    cells = [rf"\raggedright {c}" if i in wide else c for i, c in enumerate(map(_tex_cell, row))]
    return rf"{' & '.join(cells)} \tabularnewline"


def _tex_cell(text: str) -> str:
    return "".join(TEX.get(char, char) for char in SIGN.sub("−", text))


def _csv(comparison: Comparison) -> str:
    """A row for each run, its figures in full, with the group and all that differs."""
    marks = {id(run): group.mark for group in comparison.groups for run in group.runs}
    columns = {field.name for field in fields(Summary)}
    unlike = [(i.what, i.values) for i in comparison.differences if i.what not in columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, (run, line) in enumerate(zip(comparison.runs, comparison.lines, strict=True)):
        settings = {what: words[number] for what, words in unlike}
        values = {"group": marks[id(run)], **asdict(line), **settings}
        if number == 0:
            writer.writerow(values)
        writer.writerow("" if value is None else value for value in values.values())
    return out.getvalue()


TABLES: dict[str, Callable[[Comparison], str]] = {".md": _markdown, ".tex": _tex, ".csv": _csv}
