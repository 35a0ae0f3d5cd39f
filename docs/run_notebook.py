"""Runs docs/notebook.ipynb from top to bottom and saves it with its outputs: `make notebook`."""

import os
import tempfile
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")


def run_notebook(folder: Path, *, more: str = "") -> Any:
    """The notebook after a run in a folder, with a cell `more` at its end.

    Output of the kernel is as wide as 80 columns.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    if more:
        notebook.cells.append(nbformat.v4.new_code_cell(more))
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"})
    return notebook


def without_machine(notebook: Any) -> Any:
    """The notebook without what a run tells of its machine and of its time."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def save_notebook() -> None:
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        notebook = without_machine(run_notebook(Path(folder)))
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    save_notebook()
