"""The docs as a site: `make docs`. A link that leads nowhere ends the build."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from archcompile.explain import entries
from archcompile.ops import REGISTRY
from tests.conftest import ROOT

pytest.importorskip("mkdocs", reason="the extra `docs` is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_comes_from_another_host_or_is_missing(site: Path) -> None:
    """But for links that a reader clicks, and the page for what is not there."""
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]
    assert len(pages) > 25
    for page in pages:
        text = page.read_text()
        for tag, target in re.findall(r"<(\w+)[^>]*? (?:href|src)=\"?([^\"#> ]+)", text):
            if re.match(r"\w+:|//", target):
                is_inside = tag == "img" and target.startswith("data:image/")
                assert tag == "a" or is_inside, (page.name, target)
            else:
                assert (page.parent / unquote(target)).exists(), (page.name, target)


def test_ops_and_codes_can_be_looked_up(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    places = {entry["location"] for entry in index["docs"]}
    assert places >= {f"ops.html#{kind}" for kind in REGISTRY}
    assert places >= {f"codes.html#{code}" for code in entries()}
