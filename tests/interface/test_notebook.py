"""docs/notebook.ipynb, from top to bottom in a real kernel."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "docs/run_notebook.py"
COMPLETION = """
from IPython.core.completer import provisionalcompleter
with provisionalcompleter():
    print([each.text for each in get_ipython().Completer.completions("archcompile.", 12)])
"""


def texts(cell: Any, kind: str) -> str:
    """All that a cell has put out of a kind: a stream's name, or a MIME type."""
    parts = [output["text"] for output in cell.outputs if output.get("name") == kind]
    parts += [output["data"].get(kind, "") for output in cell.outputs if "data" in output]
    return "".join(parts)


def test_a_magic_tells_what_it_takes() -> None:
    """Where `%%archc --help` has no cell below it, IPython points to `%archc`."""
    import nbformat
    from nbclient import NotebookClient

    sources = "%load_ext archcompile", "%%archc --help\narchc: 1", "%archc --help", "%%archc --help"
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    _, with_cell, line, bare = notebook.cells
    assert texts(with_cell, "stdout").startswith("%%archc [--set K=V] [name]\n")
    assert texts(with_cell, "stdout") == texts(line, "stdout")
    assert "Did you mean the line magic %archc" in texts(bare, "stderr")


@pytest.mark.keras
def test_the_notebook(tmp_path: Path) -> None:
    import nbformat

    actual = importlib.util.spec_from_file_location("run_notebook", SCRIPT)
    assert actual and actual.loader
    script = importlib.util.module_from_spec(actual)
    actual.loader.exec_module(script)
    saved = nbformat.read(script.NOTEBOOK, as_version=4)
    notebook = script.run_notebook(tmp_path, more=COMPLETION)
    codes = [cell for cell in notebook.cells[:-1] if cell.cell_type == "code"]
    load, spec, mistake, cost, difference, run, scores, listed, shipped = codes
    assert load.outputs == []
    assert "stem    3x3 conv, 8" in texts(spec, "text/plain")
    assert "data:image/svg+xml" in texts(spec, "text/html") and not texts(spec, "stderr")
    (error,) = mistake.outputs
    assert error.ename == "SpecError" and len(error.traceback) == 4
    assert error.traceback[0].startswith("cell.yaml:3:27: error[unknown-attribute]")
    for cell in (cost, run, scores, listed, shipped):
        assert "<table" in texts(cell, "text/html")
    assert "data:image/svg+xml" in texts(difference, "text/html")
    assert (tmp_path / "runs/notebook/report.html").exists()
    was = [cell for cell in saved.cells if cell.cell_type == "code"]
    for cell, before in zip(codes, was, strict=True):
        if cell in (run, scores, listed):  # figures of a training differ between machines
            assert [each.output_type for each in before.outputs] == ["execute_result"]
        else:
            assert cell.outputs == before.outputs, "run `make notebook`"
    completed = texts(notebook.cells[-1], "stdout")
    assert "summary'" in completed and "load_run'" in completed
