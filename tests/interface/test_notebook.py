"""docs/notebook.ipynb, from top to bottom in a real kernel."""

import shutil
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs/notebook.ipynb"
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


@pytest.mark.keras
def test_the_notebook(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(shutil.copy(NOTEBOOK, tmp_path), as_version=4)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in codes), "without outputs"
    notebook.cells.append(nbformat.v4.new_code_cell(COMPLETION))
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()

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
    completed = texts(notebook.cells[-1], "stdout")
    assert "summary'" in completed and "load_run'" in completed
