"""Every example in the README and in docs/ is compiled or run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.api import compile_text
from tests.command_line import Archc

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ARCHC = Path(sys.executable).with_name("archc")


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


EXPORT = ROOT / "docs/export.md"  # run by a test of its own, in order


def commands(pages: list[Path]) -> list[str]:
    return [
        line.split("#")[0].strip()
        for _, text in fences("bash", pages)
        for line in text.splitlines()
        if line.strip()
    ]


COMMANDS = commands([page for page in PAGES if page != EXPORT])
MADE = [c for c in COMMANDS if c.startswith("make ")]  # CI runs these themselves
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
QUICK = [c for c in COMMANDS if c not in (*MADE, *FETCH, *LONG, *PROVEN, *IMPORTED, *CHECKED)]


def run(arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ARCHC), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with `specs/`, as in a clone."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    return tmp_path


def test_the_commands_are_known() -> None:
    assert {c.split()[1] for c in MADE} == {"demo", "test"}
    assert all(
        c.startswith("archc ") for c in (*QUICK, *LONG, *FETCH, *PROVEN, *IMPORTED, *CHECKED)
    )
    assert len(QUICK) >= 5


@pytest.mark.parametrize("command", QUICK)
def test_quick_commands(command: str, checkout: Path) -> None:
    done = run(shlex.split(command)[1:], checkout)
    without_data = (
        done.returncode == 4
        and command.startswith("archc experiment")
        and "would fail" in done.stderr
    )
    assert done.returncode == 0 or without_data, done.stderr


@pytest.mark.parametrize("command", CHECKED)
def test_data_commands(command: str, checkout: Path) -> None:
    from tests.docs.images import folder_of_images

    folder_of_images(checkout / "pictures", classes=5)
    done = run(shlex.split(command.replace("~/images", str(checkout / "pictures")))[1:], checkout)
    assert done.returncode == 0 and "fingerprint" in done.stdout, done.stderr


def shorter(command: str, checkout: Path) -> list[str]:
    """A long command with smaller numbers: a shallow net, a few small images, one epoch."""
    words = shlex.split(command)[1:]
    if words[0] != "train":
        return words
    changes = {"resnet_v1_20": "resnet_v1", "~/images": str(checkout / "pictures"), "10m": "25s"}
    for old, new in changes.items():
        words = [w.replace(old, new) for w in words]
    words[1] = {"resnet_v2_29": "resnet_v2"}.get(words[1], words[1])
    if not words[1].startswith("-"):  # a run that is resumed has its own spec
        words += ["--set", "depth=11" if "v2" in words[1] else "depth=8"]
    epochs = "2" if "--resume" in words else "1"  # what goes on has one already
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


@pytest.mark.keras
def test_long_commands_in_order(
    checkout: Path, archc: Archc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training commands one after the other, since each of them uses what the ones before
    left; in one process, but for what must choose devices before TensorFlow starts.
    """
    from tests.docs.images import cifar_batches, folder_of_images

    cifar_batches(checkout / "cifar")
    folder_of_images(checkout / "pictures", classes=5)
    shutil.copy(checkout / "pictures/train/class0/0.png", checkout / "photo.png")
    monkeypatch.chdir(checkout)
    trains = [c for c in LONG if c.startswith("archc train")]
    for command in dict.fromkeys([*trains, *(c for c in LONG if c.split()[1] in AFTER)]):
        words = shorter(command, checkout)
        if "--device" in words:
            done = run(words, checkout)
            code, out, err = done.returncode, done.stdout, done.stderr
        else:
            code, out, err = archc(*words)
        assert code == 0, f"{words}\n{err}"
        if words[0] in AFTER and words[0] != "predict":
            assert "test accuracy" in out


@pytest.mark.keras
def test_doctor(checkout: Path) -> None:
    assert "archc doctor" in LONG
    assert run(["doctor"], checkout).returncode == 0


@pytest.mark.keras
def test_export_commands_in_order(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One after the other and in one process, but for the proof, which wants one thread."""
    from archcompile.cli import app

    monkeypatch.chdir(checkout)
    for command in commands([EXPORT]):
        if command.startswith("archc verify"):
            done = run(shlex.split(command)[1:], checkout)
            assert done.returncode == 0 and done.stdout.startswith("same: "), done.stderr
            continue
        monkeypatch.setattr(sys, "argv", ["archc", *shorter(command, checkout)])
        with pytest.raises(SystemExit) as left:
            app.main()
        shown = capfd.readouterr()
        assert not left.value.code, f"{command}\n{shown.err}"
        if command.startswith("archc export") and "source" not in command:
            assert (
                "largest difference" in shown.out and "equal arg-max on 256 of 256" in shown.out
            ), shown.out
            assert (
                ("test images of digits" in shown.out)
                == ("runs/digits" in command)
                == ("random weights" not in shown.out)
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
@pytest.mark.parametrize("command", [c for c in LONG if c.startswith("archc build")][:2])
def test_build_commands(command: str, checkout: Path) -> None:
    done = run(shlex.split(command)[1:], checkout)
    assert done.returncode == 0, done.stderr
    folder = checkout / ("build/v2" if "-o" in command else "build/resnet_v1_20")
    assert {p.name for p in folder.iterdir()} == {"model.keras", "model.py", "graph.json"}


@pytest.mark.keras
@pytest.mark.parametrize("command", PROVEN)
def test_verify_commands(command: str, checkout: Path) -> None:
    done = run(shlex.split(command)[1:], checkout)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("same: ")


@pytest.mark.keras
def test_import_commands(checkout: Path) -> None:
    """In order, after the build that the page begins with; what it shows of the first is what is
    printed.
    """
    page = (ROOT / "docs/import.md").read_text()
    build, *imports = page.split("```bash\n")[1].split("```")[0].splitlines()
    assert run(shlex.split(build)[1:], checkout).returncode == 0
    for number, command in enumerate(imports):
        done = run(shlex.split(command)[1:], checkout)
        assert done.returncode == 0, done.stderr
        assert number or f"```text\n{done.stderr}```" in page, done.stderr
    assert imports == IMPORTED


def test_what_the_readme_shows_is_what_is_printed(checkout: Path) -> None:
    """The printed tables and the error in the README, compared with the real ones."""
    readme = (ROOT / "README.md").read_text()
    table = run(["build", "specs/resnet_v1_20.yaml", "--emit", "source"], checkout).stdout
    assert f"```text\n{table}```" in readme
    error = run(["build", "resnet_v1", "--set", "depth=21"], checkout).stderr
    shown = readme.split("$ archc build resnet_v1 --set depth=21\n")[1].split("```")[0]
    place = re.compile(r"used here: \S*resnet_v1\.yaml")  # shipped files have other paths elsewhere
    assert place.sub("", error) == place.sub("", shown)


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)|src=\"([^\"]+)\"", page.read_text()):
            path = page.parent / (target[0] or target[1])
            assert path.exists(), f"{page.name}: {path}"
