"""New values of variables, written into a file."""

from collections.abc import Mapping

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import TextEdit
from archcompile.editor.file_edits import FileEdits
from archcompile.spec.yaml import flow


def set_variables(analysis: Analysis, values: Mapping[str, object]) -> tuple[TextEdit, ...]:
    """What makes the file give its variables these values, those of a parent, too."""
    file = FileEdits(analysis.surroundings.chain[0])
    if not analysis.reading.children.get(("vars",)):
        return file.set((), "vars", flow(dict(values)))
    edits = [file.set(("vars",), name, flow(value)) for name, value in values.items()]
    return tuple(edit for each in edits for edit in each)
