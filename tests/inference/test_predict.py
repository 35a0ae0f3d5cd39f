"""`archc predict`: the run's own fitting and preprocessing, and the same probabilities as in its
evaluation.
"""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archcompile.data import sources as data
from archcompile.errors import DataError, UsageError
from archcompile.inference.evaluation import load_subject, score
from archcompile.inference.prediction import BadImages, predict, read, sentences
from archcompile.recipe.sections import Data
from tests.command_line import Archc
from tests.report.test_page import checked_page, words
from tests.training.runs import TinyRun, run_tiny, silent

pytestmark = pytest.mark.keras


@pytest.fixture
def whole(tiny_run: TinyRun) -> Path:
    """A run on the digits, 8x8 and grey."""
    return tiny_run(epochs=2)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test images of the digits as files, in their order."""
    folder = tmp_path_factory.mktemp("pictures")
    for i, pixels in enumerate(data.load("digits").test.images):
        Image.fromarray(pixels[:, :, 0]).save(folder / f"{i:03}.png")
    return folder


def test_test_images_get_the_probabilities_of_the_evaluation(whole: Path, images: Path) -> None:
    """All of them in one go, as they are scored, to the last bit; one alone up to the order of
    sums.
    """
    _, probabilities = score(load_subject(whole, "last", None, data_dir=None, say=silent))
    message: list[str] = []
    actual = predict(whole, [images], top=10, say=message.append).record()
    assert message == [] and len(actual["images"]) == len(probabilities) == 297
    for i, (image, expected) in enumerate(zip(actual["images"], probabilities, strict=True)):
        assert image["image"] == str(images / f"{i:03}.png") and (
            image["height"],
            image["width"],
            image["changes"],
        ) == (8, 8, [])
        assert {first["class"]: first["probability"] for first in image["predictions"]} == {
            str(k): float(p) for k, p in enumerate(expected)
        }
        ranked = [first["probability"] for first in image["predictions"]]
        assert ranked == sorted(ranked, reverse=True)
    (alone,) = predict(whole, [images / "007.png"], top=2, say=silent).record()["images"]
    together = actual["images"][7]["predictions"][:2]
    assert [first["class"] for first in alone["predictions"]] == [
        first["class"] for first in together
    ]
    assert [first["probability"] for first in alone["predictions"]] == pytest.approx(
        [first["probability"] for first in together], rel=1e-5
    )


def folder_of(place: Path) -> Path:
    """Two classes of images that are no squares, of several sizes, in colour and grey."""
    random = np.random.default_rng(3)
    for split, count in (("train", 12), ("test", 6)):
        for name in ("cat", "dog"):
            (place / split / name).mkdir(parents=True)
            for i in range(count):
                shape = (14 + i, 11, 3) if i % 2 else (12, 20)
                Image.fromarray(random.integers(0, 256, shape, np.uint8)).save(
                    place / split / name / f"{i}.png"
                )
    return place


@pytest.mark.parametrize(
    ("sets", "size"),
    [
        (["data.fit=crop"], 9),
        (["data.fit=crop", "data.canvas=11", "data.stream=true"], 11),
        (["data.fit=resize"], 8),
    ],
    ids=str,
)
def test_images_are_fitted_as_those_of_the_run(tmp_path: Path, sets: list[str], size: int) -> None:
    """The same probabilities, and in the report the same middle of the canvas, as the network
    sees.
    """
    place, wants = (
        folder_of(tmp_path / "data"),
        ["classes=2", "input=[8, 8, 3]", "data.validation=4", *sets],
    )
    run = run_tiny(tmp_path / "run", data=str(place), sets=wants, epochs=1).path
    subject = load_subject(run, "last", None, data_dir=None, say=silent)
    _, probabilities = score(subject)
    actual = predict(run, [place / "test/cat", place / "test/dog"], say=silent).images
    predicted = []
    for image in actual:
        likely = {entry.name: entry.probability for entry in image.classes}
        predicted.append([likely["cat"], likely["dog"]])
    assert predicted == probabilities.tolist()
    assert subject.test.shape[0] == size
    wrong = {int(i) for i in np.flatnonzero(probabilities.argmax(axis=1) != subject.test.labels)}
    figures = checked_page((run / "report.html").read_text()).findall(".//figure")
    images = {
        int(words(figure).split("image ")[-1]): figure.find("img").get("src", "")
        for figure in figures
    }  # type: ignore[union-attr]
    assert images.keys() == wrong and wrong
    for number, source in images.items():
        cut = slice((size - 8) // 2, (size - 8) // 2 + 8)
        held = next(batch for i, (batch, _) in enumerate(subject.test.batches(1)) if i == number)[
            0
        ][cut, cut]
        assert np.array_equal(
            np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))), held
        )
    assert "chosen by val_accuracy on the 4 training images kept for it" in words(
        checked_page((run / "report.html").read_text())
    )


def test_the_best_checkpoint_says_what_chose_it(whole: Path, images: Path) -> None:
    best = json.loads((whole / "result.json").read_text())["best"]
    message: list[str] = []
    actual = predict(whole, [images / "000.png"], which="best", say=message.append).checkpoint
    assert (actual.epoch, actual.chosen_on) == (best["epoch"], "test set")
    assert message == [f"epoch {best['epoch']}, chosen on the test set"]


def test_other_sizes_and_colours_are_told(whole: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for i in range(5):
        Image.fromarray(random.integers(0, 256, (20, 30, 3), np.uint8)).save(tmp_path / f"{i}.png")
    message: list[str] = []
    (first, *_) = predict(whole, [tmp_path], say=message.append).images
    assert first.size == (20, 30)
    names = [str(tmp_path / f"{i}.png") for i in range(3)]
    assert message == [
        f"colour made grey: {', '.join(names)} and 2 more",
        f"resized to 8x8, since the recipe has no `data.fit`: {', '.join(names)} and 2 more",
    ]


@pytest.mark.parametrize(
    ("wants", "changes"),
    [
        (Data(), ("grey repeated to colour", "resized to 4x4, since the recipe has no `data.fit`")),
        (Data(fit="resize", channels="repeat"), ()),
        (Data(fit="pad", channels="repeat"), ()),
    ],
)
def test_the_recipe_decides_how_images_fit(
    tmp_path: Path, wants: Data, changes: tuple[str, ...]
) -> None:
    pixels = np.array([[10, 200], [90, 30]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (actual,) = read([tmp_path / "a.png"], (4, 4, 3), wants)
    assert actual.changes == changes and actual.pixels.shape == (4, 4, 3)
    if wants.fit == "pad":
        assert np.array_equal(actual.pixels[..., 0], np.pad(pixels, 1))
    else:
        assert np.array_equal(
            actual.pixels[..., 1],
            np.asarray(Image.fromarray(pixels).resize((4, 4), Image.Resampling.BILINEAR)),
        )


def test_all_bad_images_are_named_before_anything_is_predicted(
    whole: Path, images: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"no image")
    (tmp_path / "b.png").write_bytes((images / "000.png").read_bytes()[:60])
    with pytest.raises(BadImages) as caught:
        predict(whole, [images / "000.png", tmp_path], say=silent)
    first, *rest = caught.value.message.splitlines()
    assert first == "2 of 3 images cannot be used:" and [
        line.split(" is ")[0] for line in rest
    ] == [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert len(caught.value.records()) == 2
    Image.new("L", (9, 2)).save(tmp_path / "a.png")
    with pytest.raises(
        DataError,
        match=r"a\.png does not fit: an image of 2x9 is larger than 4x4 and cannot be padded",
    ):
        read([tmp_path / "a.png"], (4, 4, 1), Data(fit="pad"))
    with pytest.raises(UsageError, match="there is no"):
        predict(whole, [tmp_path / "c.png"], say=silent)


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    Image.new("L", (2, 2)).save(tmp_path / "\x1b[0m.png")
    (sentence,) = sentences(read([tmp_path], (4, 4, 1), Data()))
    assert "\x1b" not in sentence and "\\x1b[0m.png" in sentence


def test_the_command(whole: Path, images: Path, archc: Archc) -> None:
    done = archc("predict", whole, images / "003.png", images / "004.png", "--top", 3)
    assert done.code == 0 and done.err == ""
    lines = [re.split(" {2,}", line) for line in done.out.splitlines()]
    assert [line[0] for line in lines] == [str(images / "003.png"), str(images / "004.png")]
    actual = json.loads(
        archc("predict", whole, images / "003.png", images / "004.png", "--top", 3, "--json").out
    )
    for line, image in zip(lines, actual["images"], strict=True):
        assert line[1:] == [
            f"{first['class']} {100 * first['probability']:.1f} %" for first in image["predictions"]
        ]
    (images.parent / "bad.png").write_bytes(b"")
    bad = archc("predict", whole, images.parent / "bad.png", "--json")
    assert (
        bad.code == 4
        and "bad.png is not a readable image" in json.loads(bad.out)["errors"][0]["message"]
    )
    assert archc("predict", whole, images / "none.png").code == 2
    assert archc("predict", images, images / "003.png").code == 2
    assert archc("predict", whole, images / "003.png", "--top", 0).code == 2
