"""The report: well-formed, self-contained, and safe whatever classes, paths and specs are
called.
"""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archcompile.drawing.formats import svg
from archcompile.errors import DataError
from archcompile.report import page
from archcompile.report.classes import ConfusionMatrix
from archcompile.report.groups import compare_runs
from archcompile.report.mistakes import Mistake, thumbnail
from archcompile.report.reading import read
from archcompile.report.scores import Scored, Scores
from tests.drawing import nets
from tests.report.written_runs import write_run

HOSTILE = '"><script>alert(1)</script>\x1b[0m\u202e&amp;'
VOID = ("meta", "br", "img")


def scored_run(classes: list[str], mistakes: int = 2, wrong: int = 3) -> Scored:
    import numpy as np

    n = len(classes)
    right, swapped = np.eye(n, dtype=int), np.roll(np.eye(n, dtype=int), 1, axis=1)
    counts = tuple(map(tuple, np.where(right, 7, swapped * wrong).tolist()))
    scores = Scores(
        loss=0.25,
        accuracy=0.7,
        cross_entropy=0.225,
        confusion=ConfusionMatrix(tuple(classes), counts),
    )
    png = thumbnail(np.zeros((4, 4, 3), np.uint8))
    return Scored(
        scores=scores,
        epoch=4,
        head_output="probabilities",
        params=1234,
        network=svg(nets.residual(2)),
        mistakes=[
            Mistake(
                number=i,
                png=png,
                truth=classes[0],
                predicted=classes[1],
                probability=0.875,
                of_truth=0.0625,
            )
            for i in range(mistakes)
        ],
    )


class Strict(HTMLParser):
    """Fails on a tag that is not closed, or closed twice; void elements of HTML are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in VOID or tag.islower()
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        assert tag in VOID or "svg" in self.open, f"<{tag}/> is not closed in HTML"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked_page(text: str) -> ElementTree.Element:
    """The page as XML, after everything that holds of any page has been checked."""
    assert text.startswith("<!DOCTYPE html>\n")
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    root = ElementTree.fromstring(text.split("\n", 1)[1])
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)
    for element in root.iter():
        assert element.tag not in (
            "script",
            "link",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "foreignObject",
            "use",
            "image",
        )
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            if name in ("src", "href"):
                assert (
                    value.startswith("data:image/png;base64,") or value.removeprefix("#") in ids
                ), value
    assert not re.search(r"url\((?!#)|@import|https?://|//[a-z]+\.", text), (
        "refers to something outside"
    )
    policy = root.find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None and policy.get("content", "").startswith("default-src 'none'")
    return root


def words(root: ElementTree.Element) -> str:
    return " ".join("".join(root.itertext()).split())


def test_one_run(tmp_path: Path) -> None:
    root = checked_page(
        page.of_run(read(write_run(tmp_path / "a")), scored_run(["cat", "dog", "cow"]))
    )
    text = words(root)
    for part in (
        "net on digits",
        "0.7000",
        "30.00 %",
        "4 of 4",
        "Measured on the 30 test images of digits after the last epoch.",
        (
            "The best epoch was chosen by val_accuracy on the test set, which biases its figure "
            "slightly upwards."
        ),
        "taken for dog",
        "with 0.875; its own class 0.062",
        "batch_size: 10",
        "name: net",
        "a" * 64,
        "1,234",
        "python 3.11",
        "archc train net.yaml --recipe small",
    ):
        assert part in text, part
    assert [h.text for h in root.iter("h3")] == [
        "over the epochs",
        "classes",
        "worst mistakes",
        "network",
        "recipe",
        "how it was made",
    ]
    assert len(root.findall(".//svg[@class='chart']")) == 3 and len(root.findall(".//img")) == 2
    assert len(root.findall(".//table[@class='matrix']/tbody/tr")) == 3
    history = root.find(".//details")
    assert (
        history is not None
        and history.findtext("summary") == "history: 4 epochs"
        and len(history.findall(".//tbody/tr")) == 4
    )


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", label=HOSTILE, name="net")
    (run / "resolved.yaml").write_text(f"# {HOSTILE}\nname: net\n")
    environment = json.loads((run / "environment.json").read_text())
    environment |= {
        "command": HOSTILE,
        "processor": HOSTILE,
        "versions": {HOSTILE: HOSTILE},
        "gpus": [HOSTILE],
    }
    environment["options"]["init"] = HOSTILE
    environment["resumed"] = [
        {
            key: environment[key]
            for key in (
                "started",
                "command",
                "platform",
                "processor",
                "gpus",
                "versions",
                "devices",
                "replicas",
                "kernels",
                "deterministic",
            )
        }
    ]
    (run / "environment.json").write_text(json.dumps(environment))
    for classes in ([HOSTILE, "b"], [HOSTILE] + [f"c{i}" for i in range(40)]):
        text = page.of_run(read(run), scored_run(classes))
        root = checked_page(text)
        assert words(root).count("<script>alert(1)</script>") > 5
        assert "\x1b" not in text and "\u202e" not in text and "\\x1b[0m\\u202e&amp;amp;" in text
    another = write_run(tmp_path / "b", seed=1, spec="b" * 64)
    actual = compare_runs([read(run), read(another)])
    checked_page(page.of_runs(actual, [scored_run([HOSTILE, "b"]), scored_run(["a", "b"])]))


def test_many_classes_are_not_a_matrix(tmp_path: Path) -> None:
    root = checked_page(
        page.of_run(read(write_run(tmp_path / "a")), scored_run([f"class {i}" for i in range(100)]))
    )
    assert root.find(".//table[@class='matrix']") is None
    assert "class 0 class 1 3 of 10" in " ".join(" ".join(e.itertext()) for e in root.iter("tr"))
    assert len(root.findall(".//table[@class='classes']/tbody/tr")) == 100


def test_a_network_that_is_too_large_is_not_drawn(tmp_path: Path) -> None:
    scored = replace(scored_run(["a", "b"]), network="")
    text = words(checked_page(page.of_run(read(write_run(tmp_path / "a")), scored)))
    assert "too large to be drawn here" in text


def test_nothing_wrong_and_no_epoch(tmp_path: Path) -> None:
    run = read(write_run(tmp_path / "a", accuracies=(), finished=False))
    text = words(checked_page(page.of_run(run, scored_run(["a", "b"], mistakes=0, wrong=0))))
    assert "No epoch was finished." in text and "every test image was classified correctly" in text
    assert "best epoch" not in text and "stopped early" in text


def test_validation_is_called_so(tmp_path: Path) -> None:
    run = read(write_run(tmp_path / "a", validation=10, chosen_on="10 training images kept for it"))
    root = checked_page(page.of_run(run, scored_run(["a", "b"])))
    assert "chosen by val_accuracy on the 10 training images kept for it." in words(root)
    assert [li.find("svg").tail for li in root.findall(".//ul[@class='legend']/li")] == [
        "training",
        "validation",
    ]  # type: ignore[union-attr]


def test_several_runs(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / f"r{seed}", seed=seed) for seed in (0, 1)]
    folders.append(write_run(tmp_path / "other", data="e" * 64, recipe={"batch_size": 20}))
    actual = compare_runs([read(folder) for folder in folders])
    root = checked_page(page.of_runs(actual, [scored_run(["a", "b"])] * 3))
    assert [h.text for h in root.iter("h2")] == list(actual.labels)
    assert [a.get("href") for a in root.iter("a")] == ["#run1", "#run2", "#run3"]
    text = words(root)
    assert "mean ± std of 2" in text and "recipe batch_size: 10 in a | 20 in b" in text
    assert "the runs were scored on different images: their figures are not comparable" in text
    names = [marker.get("id") for marker in root.iter("marker")]
    assert len(set(names)) == 3, "each drawing has its arrow"
    drawing = ElementTree.tostring(root.findall(".//div[@class='network']")[1]).decode()
    assert set(re.findall(r"url\(#(.*?)\)", drawing)) == {names[1]}
    charts = root.findall(".//svg[@class='chart']")
    assert len(charts) == 1 + 3 * 3 and len(charts[0].findall(".//polygon")) == 2, (
        "a band each for training and test of the group"
    )


def test_one_run_of_a_comparison_is_its_own_page(tmp_path: Path) -> None:
    run = read(write_run(tmp_path / "a"))
    assert page.of_runs(compare_runs([run]), [scored_run(["a", "b"])]) == page.of_run(
        run, scored_run(["a", "b"])
    )


@pytest.mark.parametrize("name", ["recipe.yaml", "resolved.yaml", "history.csv"])
def test_a_file_that_is_gone_is_named(tmp_path: Path, name: str) -> None:
    run = write_run(tmp_path / "a")
    (run / name).unlink()
    with pytest.raises(DataError, match=name):
        page.of_run(read(run), scored_run(["a", "b"]))
