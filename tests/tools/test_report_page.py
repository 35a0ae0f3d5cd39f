"""The report's page in a real browser as narrow as a phone."""

import re
import subprocess
from html import escape
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcompile.report.classes import ConfusionMatrix
from archcompile.report.page_sections import classes
from tests.tools.test_page import browser

pytestmark = pytest.mark.tools

PHONE = 360  # CSS pixels
MEASURE = """
<iframe srcdoc="{}" style="width:{}px;border:0"></iframe>
<script>
onload = () => {{
  const wide = document.querySelector("iframe").contentDocument.querySelector(".wide:has({})");
  document.title = `${{wide.scrollWidth}} of ${{wide.clientWidth}}`;
}};
</script>
"""


NAMES = (*"012345", "automobile", "hand-painted porcelain figurine", "supercalifragilistic", "b")
CASES = {  # by table: class names and the images of each class that were taken for each
    ".matrix": (tuple("0123456789"), 970),  # as CIFAR-10
    ".classes": (NAMES, 12_345),
}


@pytest.mark.parametrize("table", CASES)
def test_the_tables_of_ten_classes_fit_a_phone(table: str, tmp_path: Path) -> None:
    names, images = CASES[table]
    matrix = ConfusionMatrix(names, ((images,) * 10,) * 10)
    scored: Any = SimpleNamespace(scores=SimpleNamespace(confusion=matrix))
    css = files("archcompile.report").joinpath("page.css").read_text(encoding="utf-8")
    section = f"<style>{css}</style><main>{classes(scored)}</main>"
    page = tmp_path / "page.html"
    page.write_text(MEASURE.format(escape(section), PHONE, table), encoding="utf-8")
    done = subprocess.run(
        [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    measured = re.search(r"<title>(\d+) of (\d+)</title>", done.stdout)
    assert measured, done.stdout
    needed, room = map(int, measured.groups())
    assert 0 < needed <= room < PHONE, (needed, room)
