"""Links between pages, and the pages that the site lists. Needs no MkDocs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in OUTSIDE), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)|src=\"([^\"]+)\"")
FENCE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.finditer(prose(page)):
        path, _, anchor = (link[1] or link[2]).partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link[0]
        assert not anchor or anchor in anchors(target), link[0]


def test_pictures_have_words() -> None:
    for page in PAGES:
        text = prose(page)
        assert "![](" not in text, page
        assert all(re.search(r'alt="[^"]{10,}"', tag) for tag in re.findall("<img[^>]*>", text)), (
            page
        )


def pages_of(entry: Any) -> list[str]:
    """The pages of a part of `nav`."""
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [page for part in parts for page in pages_of(part)]


def test_the_site_lists_every_page() -> None:
    """The first page is the README; `codes.md` is written when the site is made."""
    pages = pages_of(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    docs = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    docs |= {f"{path.stem}.md" for path in (ROOT / "docs").glob("*.ipynb")}
    assert len(pages) == len(set(pages))
    assert set(pages) == {"index.md", "codes.md", *OUTSIDE[1:], *docs}
