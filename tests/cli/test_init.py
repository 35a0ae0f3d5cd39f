"""`archc init`: a spec of one's own from every template, never over another file."""

from pathlib import Path

import pytest

from archcompile.shipped import shipped_files
from tests.command_line import Archc

TEMPLATES = list(shipped_files("template"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_a_spec_that_builds(archc: Archc, tmp_path: Path, template: str) -> None:
    done = archc("init", "mine", "--template", template)
    assert done.code == 0 and "mine   " in done.out and "wrote mine.yaml" in done.err
    assert archc("validate", "mine.yaml", "--strict").code == 0
    assert archc("build", "mine.yaml", "--emit", "source,graph", "--strict").code == 0
    text = (tmp_path / "mine.yaml").read_text()
    assert "$schema=" not in text, "a place of this machine"
    assert max(map(len, text.splitlines())) <= 100
    commands = [line for line in done.err.splitlines() if line.startswith("  archc ")]
    assert len(commands) == 3 and max(map(len, commands)) <= 80
    if "classes: 1000" in text:
        assert "--data DIR --set data.fit=crop --set classes=N" in commands[2]


def test_a_name_that_ships_is_noted(archc: Archc) -> None:
    assert "note: `resnet_50` alone goes on to mean" in archc("init", "resnet_50").err


def test_the_help_names_every_template(archc: Archc) -> None:
    words = archc("init", "--help").out.split()
    assert set(TEMPLATES) <= set(words)


def test_the_next_commands_do_what_they_say(archc: Archc, tmp_path: Path) -> None:
    done = archc("init")
    drawing = next(line.strip() for line in done.err.splitlines() if " graph " in line)
    assert archc(*drawing.split()[1:5]).code == 0 and (tmp_path / "my_net.svg").exists()
    assert archc("cost", "my_net.yaml", "--set", "depth=32").code == 0


def test_nothing_is_overwritten(archc: Archc, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("precious")
    done = archc("init", "mine")
    assert done.code == 2 and "mine.yaml already exists" in done.err
    assert (tmp_path / "mine.yaml").read_text() == "precious"
    assert archc("init", "mine", "-o", "other.yaml").code == 0
    assert archc("init", "other").code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["my net"], "not a valid name"),
        (["a.yaml"], "not a valid name"),
        (["a", "--template", "cifr"], "did you mean `cifar`?"),
    ],
)
def test_mistakes(archc: Archc, tmp_path: Path, arguments: list[str], words: str) -> None:
    done = archc("init", *arguments)
    assert done.code == 2 and words in done.err and not list(tmp_path.iterdir())
