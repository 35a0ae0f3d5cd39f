"""`%%archc`: a spec as the cell of a notebook; its findings or its drawing come out."""

from typing import Any

from archcompile.api import LayerGraph, compile_text
from archcompile.error_text import render
from archcompile.errors import ArchError
from archcompile.messages import to_stderr

CELL = "cell.yaml"  # what the places in a cell are called


def register(ipython: Any) -> None:
    """Adds `%%archc` to an IPython shell, and `%archc`, which prints what it takes."""
    from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

    def archc(line: str, cell: str | None = None) -> LayerGraph | None:
        """Compiles the YAML spec in the cell, shows its table and its drawing.

        A mistake in the spec is shown with its place; the cell then counts as failed.
        """
        # IPython refuses a cell magic without a cell, and points to the line magic
        if cell is None or line.split() in (["-h"], ["--help"]):
            print(magic.parser.format_help().removeprefix("::\n\n  "))
            return None
        given = parse_argstring(magic, line)
        graph = _compile(cell, given.set)
        if given.name:
            ipython.user_ns[given.name] = graph
        return graph

    magic: Any = archc
    for declare in (
        argument("--set", action="append", default=[], metavar="K=V", help="a setting of the spec"),
        argument("name", nargs="?", help="the variable that the graph is assigned to"),
        magic_arguments("%archc"),
    ):
        magic = declare(magic)
    ipython.register_magic_function(magic, "line_cell", "archc")


def _compile(cell: str, sets: list[str]) -> LayerGraph:
    """The graph; notes go to stderr, and an error brings its own text in place of a traceback."""
    try:
        graph = compile_text(cell, file=CELL, sets=sets)
    except ArchError as error:
        lines = str(error).splitlines()
        error._render_traceback_ = lambda: lines  # type: ignore[method-assign] # asked by IPython
        raise
    for note in graph.notes:
        to_stderr(render(note, is_python=True))
    return graph
