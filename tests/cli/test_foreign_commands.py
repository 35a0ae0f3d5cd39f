"""Commands as other tools call them are answered with the one that does it."""

import re
from pathlib import Path

import pytest

import archcompile
from archcompile.cli.app import _GROUPS
from archcompile.cli.foreign_commands import _BEYOND, _HOW, _SAME, command_hint
from archcompile.cli.foreign_options import _HINTS
from archcompile.cli.foreign_options import _SAME as _SAME_OPTIONS
from archcompile.run_files import RECIPE, RESOLVED
from tests.command_line import Archc


@pytest.mark.parametrize(
    ("word", "ours"),
    {
        "create": "archc init ",
        "run": "archc train ",
        "evaluate": "archc eval ",
        "convert": "archc export ",
        "params": "archc cost ",
        "flops": "archc cost ",
        "visualize": "archc graph ",
        "benchmark": "archc bench ",
        "datasets": "archc data list",
        "vgg_16": "archc graph vgg_16",
        "my.yaml": "archc build my.yaml",
        "summary": "archc cost ",
        "plot": "archc graph ",
        "fit": "archc train ",
        "test": "archc eval ",
        "help": "archc --help",
        "version": "archc --version",
        "resume": "archc train --resume ",
        "inspect": "archc cost ",
        "download": "archc data fetch ",
    }.items(),
)
def test_a_command_of_another_tool(word: str, ours: str) -> None:
    reported = command_hint(f"No such command '{word}'. Did you mean 'import', 'export'?")
    assert reported and reported[0] == f"No such command '{word}'." and ours in reported[1]


def test_an_option_of_another_program(archc: Archc) -> None:
    for option, ours in (
        ("--Output", "--run-dir RUN"),
        ("--lr", "learning_rate=RATE"),
        ("-b", "N`"),
    ):
        done = archc("train", "resnet_v1_20", option, "x")
        assert done.code == 2 and f"error: No such option: {option}\n" in done.err, done.err
        assert ours in done.err
    assert "--run-dir" not in archc("cost", "resnet_v1_20", "--output", "x").err


def test_options_of_other_programs_are_none_of_ours(archc: Archc) -> None:
    ours = set(re.findall(r"(?<!\S)--?[a-z-]+", archc("train", "--help").out))
    assert not ours & _HINTS.keys()
    words = [word for hint in _SAME_OPTIONS for word in re.findall(r"--[a-z-]+", hint)]
    assert {*words} <= ours


@pytest.mark.parametrize("command", ["graph", "build", "import", "verify"])
def test_nothing_is_written_to_a_stream(command: str, archc: Archc, tmp_path: Path) -> None:
    done = archc(command, "resnet_v1_20", "-o", "-")
    assert done.code == 2 and "-o: expected a file or folder, got `-`" in done.err
    assert not [*tmp_path.iterdir()]


def test_only_commands_that_are_not_there() -> None:
    commands = {name for group in _GROUPS.values() for name in group}
    words = [*_BEYOND, *(word for words in _SAME.values() for word in words)]
    assert (
        not set(words) & commands
        and len(words) == len(set(words))
        and _SAME.keys() == _HOW.keys() <= commands
    )
    assert (
        command_hint("No such command 'zzz'.") is None
        and command_hint("No such option: --init") is None
    )


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["summary", "my net.yaml"], "`archc cost 'my net.yaml'` prints"),
        (["plot", "vgg_16", "--level", "x"], "`archc graph vgg_16 -o FILE.svg`"),
        (["summary", "nothing"], "`archc cost SPEC`"),
        (["test", "runs/first"], "`archc eval runs/first`"),
        (["help", "graph"], "`archc graph --help` describes it"),
        (["help", "nothing"], "`archc --help` lists"),
    ],
)
def test_the_answer_has_what_was_typed(
    words: list[str], hint: str, archc: Archc, tmp_path: Path
) -> None:
    for mark in (RECIPE, RESOLVED):
        (tmp_path / "runs/first").mkdir(parents=True, exist_ok=True)
        (tmp_path / "runs/first" / mark).touch()
    done = archc(*words)
    assert done.code == 2 and hint in done.err


@pytest.mark.parametrize("option", ["--version", "-V", "-v"])
def test_the_version(option: str, archc: Archc) -> None:
    assert archc(option).out == f"archc {archcompile.__version__}\n"
