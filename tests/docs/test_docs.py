"""Every example in the README and in docs/ is compiled or run."""

import re
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from archcompile.api import compile_text
from archcompile.errors import MissingError
from tests.command_line import Archc, in_a_process
from tests.conftest import shipped_graph

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def fences(language: str, pages: list[Path] = PAGES) -> list[tuple[str, str]]:
    """(page and line, text) of every fenced block of a language."""
    result = []
    for page in pages:
        text = page.read_text()
        for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.M | re.S):
            result.append((f"{page.name}:{text.count(chr(10), 0, match.start()) + 1}", match[1]))
    return result


def cases(blocks: list[tuple[str, str]]) -> list:
    return [pytest.param(text, id=place) for place, text in blocks]


@pytest.mark.parametrize("text", cases(fences("yaml")))
def test_every_yaml_example_compiles(text: str) -> None:
    assert compile_text(text, file="example.yaml").notes == ()


PYTHON = fences("python")
FREE = [block for block in PYTHON if not re.search(r"to_keras|train\(", block[1])]


@pytest.mark.parametrize("text", cases(FREE))
def test_python_examples(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "example", "exec"), {})


@pytest.mark.keras
@pytest.mark.parametrize("text", cases([block for block in PYTHON if block not in FREE]))
def test_python_examples_with_keras(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "example", "exec"), {})


# run by tests of their own: in order, and in processes of another engine
EXPORT, ENGINES = ROOT / "docs/export.md", ROOT / "docs/engines.md"


def commands(pages: list[Path]) -> list[str]:
    return [
        line.split("#")[0].strip()
        for _, text in fences("bash", pages)
        for line in text.splitlines()
        if line.strip()
    ]


EVERY = commands([page for page in PAGES if page not in (EXPORT, ENGINES)])
# they serve until they are interrupted: tests/tools/test_studio.py; and the way to get there
SERVING = [c for c in EVERY if c.split()[1] in ("studio", "watch") or c.startswith("pip ")]
# in order, by a test of its own; the training is one of the long ones
FIRST_STEPS = [c for c in EVERY if c not in SERVING and "my_net" in c and c.split()[1] != "train"]
COMMANDS = [c for c in EVERY if c not in (*SERVING, *FIRST_STEPS)]
TOUR = commands([ROOT / "docs/tour.md"])
MAKE = [c for c in COMMANDS if c.startswith("make ")]  # CI runs these themselves
# the network: tested on a local server
FETCH = [c for c in COMMANDS if c.startswith("archc data fetch")]
AFTER = ("eval", "predict", "runs", "compare")  # commands that need what a training left
LONG = [
    c
    for c in COMMANDS
    if c.split()[1] in ("train", "doctor", *AFTER)
    or (c.startswith("archc build") and "--emit" not in c)
]
PROVEN = [c for c in COMMANDS if c.startswith("archc verify")]
IMPORTED = [c for c in COMMANDS if c.startswith("archc import")]
CHECKED = [c for c in COMMANDS if c.startswith("archc data check")]
PREVIEWED = [c for c in COMMANDS if c.startswith("archc data preview")]
OTHERS = (*MAKE, *FETCH, *LONG, *PROVEN, *IMPORTED, *CHECKED, *PREVIEWED)
QUICK = [c for c in COMMANDS if c not in OTHERS]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with `specs/`, as in a clone."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    return tmp_path


def test_the_commands_are_known() -> None:
    """`archc doctor` is run by tests/cli/test_doctor.py."""
    assert {c.split()[1] for c in MAKE} == {"demo", "test"}
    assert all(
        c.startswith("archc ")
        for c in (*QUICK, *LONG, *FETCH, *PROVEN, *IMPORTED, *CHECKED, *PREVIEWED)
    )
    assert len(QUICK) >= 5


@pytest.mark.parametrize("command", dict.fromkeys(QUICK))
def test_quick_commands(command: str, checkout: Path, archc: Archc) -> None:
    done = archc(*shlex.split(command)[1:])
    without_data = (
        done.code == 4 and command.startswith("archc experiment") and "would fail" in done.err
    )
    assert done.code == 0 or without_data, done.err


def test_a_network_of_ones_own(
    tmp_path: Path, archc: Archc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README's commands from an empty folder on, without the model, which needs Keras."""
    monkeypatch.chdir(tmp_path)
    assert [c.split()[1] for c in FIRST_STEPS] == ["init", "graph", "build"]
    for command in FIRST_STEPS:
        emit = ("--emit", "source,graph") if command.startswith("archc build") else ()
        done = archc(*shlex.split(command)[1:], *emit)
        assert done.code == 0, done.err
    assert {path.name for path in tmp_path.iterdir()} == {"my_net.yaml", "my_net.svg", "build"}


def test_the_readme_shows_the_spec_of_its_figure() -> None:
    ((_, text),) = fences("yaml", [ROOT / "README.md"])
    assert compile_text(text, file="README.md").hash == shipped_graph("resnet_v1_20").hash


@pytest.mark.parametrize("command", CHECKED)
def test_data_commands(command: str, checkout: Path, archc: Archc) -> None:
    from tests.docs.images import folder_of_images

    folder_of_images(checkout / "pictures", classes=5)
    done = archc(*shlex.split(command.replace("~/images", str(checkout / "pictures")))[1:])
    assert done.code == 0 and "fingerprint" in done.out, done.err


@pytest.mark.keras
@pytest.mark.parametrize("command", PREVIEWED)
def test_preview_commands(
    command: str, checkout: Path, archc: Archc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    done = archc(*shlex.split(command)[1:])
    assert done.code == 0 and (checkout / "sheet.png").stat().st_size > 10_000, done.err


SMALL = """\
archc: 1
vars: {classes: 10}
input: [32, 32, 3]
stem: [conv: {filters: 4, kernel: 3, stride: 4, bias: false}, bn, relu]
stages:
  s1: [conv: {filters: 6, kernel: 3, bias: false}, bn, relu]
head: [global_avg_pool, dense: {units: $classes, activation: softmax}]
train: article
"""


def shorter(command: str, checkout: Path) -> list[str]:
    """A long command with smaller numbers: a network with the names of the parts of those in the
    pages, a few small images, one epoch.
    """
    words = shlex.split(command)[1:]
    if words[0] != "train":
        return words
    changes = {"~/images": str(checkout / "pictures"), "10m": "5s"}
    words = [changes.get(word, word) for word in words]
    if not words[1].startswith("-"):  # a run that is resumed has its own spec
        words[1] = str(checkout / "small.yaml")
    epochs = "2" if "--resume" in words else "1"  # a resumed run has one already
    if any(
        word.startswith("fast") for word in words
    ):  # which keeps more images for validation than there are here
        words += ["--set", "data.validation=10"]
    if "--epochs" not in words:
        words += ["--epochs", epochs]
    else:
        words[words.index("--epochs") + 1] = epochs
    if (
        words.count("digits") == 0 and "--data" not in words and "--resume" not in words
    ):  # CIFAR-10 itself: the same layout, a few images
        words += ["--data-dir", str(checkout / "cifar")]
    return words


def without_run_dir(words: list[str]) -> tuple[tuple[str, ...], str | None]:
    """A command without its --run-dir, and that folder."""
    if "--run-dir" not in words:
        return tuple(words), None
    at = words.index("--run-dir")
    return (*words[:at], *words[at + 2 :]), words[at + 1]


@pytest.mark.keras
def test_long_commands_in_order(
    checkout: Path, archc: Archc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training commands one after the other, since each of them uses what the ones before
    left; in one process, but for what must choose devices before TensorFlow starts. Of those that
    differ in --run-dir alone, the first trains, and its run is copied for the others.
    """
    from tests.docs.images import cifar_batches, folder_of_images

    cifar_batches(checkout / "cifar")
    folder_of_images(checkout / "pictures", classes=5)
    shutil.copy(checkout / "pictures/train/class0/0.png", checkout / "photo.png")
    monkeypatch.chdir(checkout)
    (checkout / "small.yaml").write_text(SMALL)
    trains = [c for c in LONG if c.startswith("archc train")]
    trained: dict[tuple[str, ...], Path] = {}
    for command in dict.fromkeys([*trains, *(c for c in LONG if c.split()[1] in AFTER)]):
        words = shorter(command, checkout)
        settings, folder = without_run_dir(words)
        if settings in trained:
            if folder and not Path(folder).exists():
                shutil.copytree(trained[settings], folder)
            continue
        if "--device" in words:
            ((code, out, err),) = in_a_process(words, cwd=checkout)
        else:
            code, out, err = archc(*words)
        assert code == 0, f"{words}\n{err}"
        if words[0] == "train":
            trained[settings] = checkout / "kept" / str(len(trained))
            if folder:
                shutil.copytree(folder, trained[settings])
        if words[0] in AFTER and words[0] != "predict":
            assert "test accuracy" in out


@pytest.mark.keras
def test_export_commands_in_order(checkout: Path, archc: Archc) -> None:
    """One after the other and in one process; the proof has a test of its own."""
    (checkout / "small.yaml").write_text(SMALL)
    for command in commands([EXPORT]):
        if command.startswith("archc verify"):
            continue
        done = archc(*shorter(command, checkout))
        if "--format torch" in command and find_spec("torch") is None:
            assert done.code == MissingError.exit_code, done.err
            continue
        assert done.code == 0, f"{command}\n{done.err}"
        if command.startswith("archc export") and "source" not in command:
            assert "largest difference" in done.out, done.out
            assert "equal arg-max on 256 of 256" in done.out, done.out
            assert (
                ("test images of digits" in done.out)
                == ("runs/digits" in command)
                == ("random weights" not in done.out)
            )
    actual = [
        "resnet.py",
        "flat.py",
        "best.keras",
        "served",
        "digits.tflite",
        "runs/digits/export/model.onnx",
        "build/resnet_v1_20/model.onnx",
    ]
    assert all((checkout / name).exists() for name in actual)
    block = EXPORT.read_text().split("```text\n")[1].split("```")[0]
    assert block in (checkout / "resnet.py").read_text()


@pytest.mark.keras
@pytest.mark.thorough
def test_what_was_exported_is_proven(checkout: Path) -> None:
    """A smaller proof against a source file is in tests/cli/test_verify.py."""
    proof = next(c for c in commands([EXPORT]) if c.startswith("archc verify"))
    export = next(c for c in commands([EXPORT]) if "-o resnet.py" in c)
    written, done = in_a_process(*(shlex.split(c)[1:] for c in (export, proof)), cwd=checkout)
    assert written.code == done.code == 0 and done.out.startswith("same: "), done.err


@pytest.mark.keras
@pytest.mark.parametrize("command", [c for c in TOUR if c.startswith("archc build")][:2])
def test_build_commands(command: str, checkout: Path, archc: Archc) -> None:
    done = archc(*shlex.split(command)[1:])
    assert done.code == 0, done.err
    folder = checkout / ("build/v2" if "-o" in command else "build/resnet_v1_20")
    assert {p.name for p in folder.iterdir()} == {"model.keras", "model.py", "graph.json"}


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.parametrize("command", PROVEN)
def test_verify_commands(command: str, checkout: Path) -> None:
    """Smaller ones of their kind are in tests/cli/test_verify.py."""
    (done,) = in_a_process(shlex.split(command)[1:], cwd=checkout)
    assert done.code == 0, done.err
    assert done.out.startswith("same: ")


IMPORT = (ROOT / "docs/import.md").read_text()


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.parametrize("command", IMPORTED)
def test_import_commands(command: str, checkout: Path, archc: Archc) -> None:
    """After the build that the page begins with; what it shows is printed by the first.

    Smaller ones of their kind are in tests/cli/test_import.py.
    """
    build, *imports = IMPORT.split("```bash\n")[1].split("```")[0].splitlines()
    assert imports == IMPORTED
    if "built/" in command:
        assert archc(*shlex.split(build)[1:]).code == 0
    (done,) = in_a_process(shlex.split(command)[1:], cwd=checkout)
    assert done.code == 0, done.err
    assert command != imports[0] or f"```text\n{done.err}```" in IMPORT, done.err


def test_what_the_tour_shows_is_what_is_printed(checkout: Path, archc: Archc) -> None:
    """The printed tables and the error in the tour, compared with the real ones."""
    tour = (ROOT / "docs/tour.md").read_text()
    table = archc("build", "specs/resnet_v1_20.yaml", "--emit", "source").out
    assert f"```text\n{table}```" in tour
    error = archc("build", "resnet_v1", "--set", "depth=21").err
    shown = tour.split("$ archc build resnet_v1 --set depth=21\n")[1].split("```")[0]
    place = re.compile(r"used here: \S*resnet_v1\.yaml")  # shipped files have other paths elsewhere
    assert place.sub("", error) == place.sub("", shown)
