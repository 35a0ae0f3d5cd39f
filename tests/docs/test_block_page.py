"""`docs/blocks.md` is made from the libraries that ship, and has a row for every argument."""

import importlib.util

from archcompile.shipped import shipped_files
from archcompile.spec.loading.load_spec import from_text
from tests.conftest import ROOT


def test_the_page_is_fresh() -> None:
    actual = importlib.util.spec_from_file_location("block_page", ROOT / "docs" / "block_page.py")
    assert actual and actual.loader
    block_page = importlib.util.module_from_spec(actual)
    actual.loader.exec_module(block_page)
    assert block_page.PAGE.read_text() == block_page.page(), "run `python docs/generate.py`"


def test_every_argument_has_its_row() -> None:
    """Held to what the compiler reads: names, and which of them must be given."""
    sections = (ROOT / "docs" / "blocks.md").read_text().split("\n### ")[1:]
    rows = {section.splitlines()[0]: section.split("\n| `")[1:] for section in sections}
    uses = ", ".join(f"blocks/{path.name}" for path in shipped_files("library").values())
    spec = from_text(f"archc: 1\ninput: [8, 8, 3]\nuses: [{uses}]\nstem: [relu]\n", "all")
    assert len(rows) == len(spec.definitions())
    for block in spec.definitions():
        heading = f"{'rule ' if block.is_rule else ''}`{block.name}`"
        cells = [row.split(" | ")[:3] for row in rows[heading]]
        assert [(name.rstrip("`"), default == "required") for name, _, default in cells] == [
            (name, argument.default is None) for name, argument in block.arguments.items()
        ]
