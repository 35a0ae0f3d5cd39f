"""`docs/gallery.md` and its figures are made from the networks that ship."""

import importlib.util

from tests.conftest import ROOT, shipped_graph


def test_the_gallery_is_fresh() -> None:
    actual = importlib.util.spec_from_file_location("gallery", ROOT / "docs" / "gallery.py")
    assert actual and actual.loader
    gallery = importlib.util.module_from_spec(actual)
    actual.loader.exec_module(gallery)
    assert list(gallery.stale(gallery.files(shipped_graph))) == [], "run `python docs/generate.py`"
