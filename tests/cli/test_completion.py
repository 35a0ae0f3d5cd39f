"""What the shells complete, in a real bash and a real zsh; and that names load nothing heavy."""

import json
import os
import pty
import re
import select
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcompile.cli import completion
from archcompile.cli.bash_words import join_words
from archcompile.data.sources import SOURCES
from archcompile.data_sources import DATA_SOURCES
from archcompile.run_files import RECIPE, RESOLVED
from tests.command_line import in_python

SCRIPT = "from archcompile.cli.main import main; main()"
SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        'eval "$(_ARCHC_COMPLETE=source_bash archc)"',
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "bindkey -e; autoload -Uz compinit; compinit -D -u; "
        'eval "$(_ARCHC_COMPLETE=source_zsh archc)"',
    ),
}
# what is typed before the tab key is pressed, and the line after it
LINES = {
    "archc build resnet_v2_2": "archc build resnet_v2_2",
    "archc cost my_n": "archc cost my_net.yaml",
    "archc explain not-wh": "archc explain not-whole",
    "archc train x --recipe article_": "archc train x --recipe article_holdout",
    "archc train x --data fash": "archc train x --data fashion_mnist",
    "archc eval ru": "archc eval runs/first",
    "archc verify x --against keras.applications:MobileNetV3S": (
        "archc verify x --against keras.applications:MobileNetV3Small"
    ),
    "archc build resnet_v1 --set dep": "archc build resnet_v1 --set depth=",
    "archc build resnet_v1 --set stages.s2.block=wi": (
        "archc build resnet_v1 --set stages.s2.block=wide_basic"
    ),
}


class Terminal:
    """A shell in a terminal of its own."""

    def __init__(self, shell: str, folder: Path) -> None:
        command, setup = SHELLS[shell]
        self.process, self.file = pty.fork()
        if self.process == 0:  # the shell
            place = f"{folder / 'bin'}:{os.environ['PATH']}"
            words = {"PATH": place, "TERM": "dumb", "PS1": "$ ", "HOME": str(folder)}
            os.chdir(folder)
            os.execvpe(command[0], command, {**os.environ, **words})
        os.write(self.file, f"{setup}; echo RE''ADY\n".encode())
        self.read_until(b"READY\r\n")

    def read_until(self, mark: bytes) -> str:
        read = b""
        while mark not in read:
            assert select.select([self.file], [], [], 60)[0], read
            read += os.read(self.file, 65536)
        return read.decode()

    def press_tab(self, line: str) -> str:
        """The line once the shell has completed it; it is printed, and not run."""
        print_it = "\x01echo BE''GIN; echo '\x05'; echo E''ND\n"  # to the line's start, and its end
        os.write(self.file, f"{line}\t{print_it}".encode())
        return self.read_until(b"END\r\n").rpartition("BEGIN\r\n")[2].splitlines()[0].rstrip()

    def close(self) -> None:
        os.close(self.file)
        os.waitpid(self.process, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `archc` in bin/, a spec and a run."""
    program = tmp_path / "bin" / "archc"
    program.parent.mkdir()
    package = Path(completion.__file__).parents[2]
    program.write_text(
        f"#!{sys.executable} -P\nimport sys\nsys.path.insert(0, {str(package)!r})\n{SCRIPT}\n"
    )
    program.chmod(0o755)
    (tmp_path / "my_net.yaml").touch()
    for name in (RECIPE, RESOLVED):
        (tmp_path / "runs/first").mkdir(parents=True, exist_ok=True)
        (tmp_path / "runs/first" / name).touch()
    return tmp_path


@pytest.fixture(params=SHELLS)
def terminal(request: pytest.FixtureRequest, folder: Path) -> Iterator[Terminal]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    terminal = Terminal(request.param, folder)
    yield terminal
    terminal.close()


def test_a_shell_completes(terminal: Terminal) -> None:
    assert {line: terminal.press_tab(line) for line in LINES} == LINES


COMPLETED = """
import contextlib, io, json, os, sys
from archcompile.cli.main import main
lines = json.loads(sys.argv.pop())
sys.argv = ["archc"]
answers = []
for line in lines:
    words = line.split(" ")
    os.environ.update(
        _ARCHC_COMPLETE="complete_bash", COMP_WORDS="\\n".join(words),
        COMP_CWORD=str(len(words) - 1),
    )
    printed = io.StringIO()
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(printed):
        main()
    answers.append(printed.getvalue().split())
print(json.dumps([answers, list(sys.modules)]))
"""
NAMED = {
    "archc ini": "init",
    "archc build vgg": "vgg_16",
    "archc init --template ": "fpn",
    "archc explain ": "not-whole",
    "archc recipe show ": "wrn",
    "archc train x --recipe ": "he2015",
    "archc train x --data ": "npz",
    "archc data fetch ": "cifar100",
    "archc experiment ": "fast",
    "archc import keras.": "keras.applications:VGG16",
    "archc predict ": "runs/first",
    "archc graph x --level ": "block",
}


def test_names_are_completed_without_heavy_packages(folder: Path) -> None:
    printed = in_python(COMPLETED, json.dumps(list(NAMED)), cwd=folder)
    answers, modules = json.loads(printed.splitlines()[-1])
    for (line, name), answer in zip(NAMED.items(), answers, strict=True):
        assert name in answer, (line, answer)
    heavy = {"networkx", "pydantic", "numpy", "yaml", "keras", "tensorflow", "matplotlib", "PIL"}
    assert not heavy & set(modules)


def test_zsh_shows_whole_descriptions_that_fit_a_line(folder: Path) -> None:
    """Behind a name, its blanks and two dashes, as zsh prints them at 80 columns."""
    script = COMPLETED.replace("complete_bash", "complete_zsh").replace(
        "COMP_WORDS=", "_TYPER_COMPLETE_ARGS=line, COMP_WORDS="
    )
    printed = in_python(script, json.dumps(["archc "]), cwd=folder)
    rows = re.findall(r'"([a-z]+)":"([^"]+)"', " ".join(json.loads(printed.splitlines()[-1])[0][0]))
    assert len(rows) > 20 and all(text.endswith(".") for _, text in rows)
    assert not [text for _, text in rows if "..." in text]
    widest = max(len(name) for name, _ in rows)
    assert max(widest + len("  -- ") + len(text) for _, text in rows) <= 80


def test_the_sources_that_are_named_are_those_that_there_are() -> None:
    assert DATA_SOURCES.keys() == SOURCES.keys()


@pytest.mark.parametrize(
    ("pieces", "current", "words", "place"),
    [
        (["archc", "verify", "x", "--against", "a", ":", "B"], 6, "a:B", 4),
        (["archc", "build", "x", "--set", "k", "="], 5, "k=", 4),
        (["archc", "build", ""], 2, "", 2),
        (["archc", "build", "x", "--set", "k", "=", "1", "-o"], 7, "-o", 5),
    ],
)
def test_what_bash_splits_is_joined(
    pieces: list[str], current: int, words: str, place: int
) -> None:
    joined, number = join_words(pieces, current)
    assert (joined[number], number) == (words, place)


def settings(spec: str, incomplete: str, recipe: str | None = None) -> list[str]:
    context: Any = SimpleNamespace(params={"spec": spec, "recipe": recipe})
    if recipe:
        return completion.complete_training_sets(context, incomplete)
    return completion.complete_sets(context, incomplete)


def test_keys_of_the_spec_on_the_line() -> None:
    assert settings("resnet_v1", "stages.s3.") == [
        "stages.s3.block=basic",
        "stages.s3.repeat=",
        "stages.s3.filters=64",
        "stages.s3.first.stride=2",
    ]
    assert "shortcut=zero_pad" in settings("resnet_v1", "shortcut=")
    assert settings("resnet_v1", "train.batch", "fast") == [
        "train.batch_size=",
        "train.batch_size=128",
    ]
    assert settings("resnet_v1", "n=") == [], "n is computed from depth"
    assert settings("resnet_v1", "nothing") == settings("no_such_spec", "dep") == []


@pytest.mark.parametrize(
    ("line", "words"),
    {
        "archc graph x --show shapes,": ["shapes,params", "shapes,macs"],
        "archc export x --passes drop": ["drop_dead_bias"],
        "archc bench x --against keras,torch_": ["keras,torch_compile"],
        "archc bench x --inference --against on": ["onnx"],
        "archc schema --for wrn": ["wrn_28_10"],
        "archc table resnet_v1 --vary dep": ["depth=", "depth=20"],
    }.items(),
)
def test_words_of_lists_and_specs(line: str, words: list[str], folder: Path) -> None:
    printed = in_python(COMPLETED, json.dumps([line]), cwd=folder)
    assert json.loads(printed.splitlines()[-1])[0] == [words]
