"""What `--help` says: one wording for each option, and summaries that fit the screen."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from archcompile.cli.app import _GROUPS, app
from archcompile.cli.commands import colour_headings
from tests.command_line import Archc

# means something else in every command
UNLIKE = {
    "--ignore-initialisers": "`import` writes Keras' own, `verify` compares none",
    "--against": "`verify` has one network there, `bench` several contenders",
    "--format": "`validate` chooses how findings are printed, `export` what is written",
    "--from": "`build` takes weights from there, `new` a spec",
    "--output": "each command writes something else, and has its own default",
    "--run-dir": "one run is written there by `train`, many by `experiment`",
    "--style": "`graph` styles drawings, `export` source",
}
# means something else in these commands; in the others it has one wording
APART = {
    "--batch": {"bench": "is trained with; elsewhere only memory is estimated for it"},
    "--data": {"data preview": "has no run, whose data could be the default"},
    "--data-dir": {"data fetch": "writes there; the others read"},
    "--dry-run": {"experiment": "lists runs; `train` also times some steps"},
    "--json": {"validate": "is short for --format json, and prints a list"},
    "--level": {
        "cost": "chooses rows of a table; elsewhere it is what counts as equal",
        "graph": "chooses boxes of a drawing, with defaults of its own",
    },
    "--precision": {"bench": "measures several by default"},
    "--resume": {"experiment": "also skips the runs that are finished"},
    "--seed": {
        "train": "is that of a run; elsewhere it draws what a comparison needs",
        "data check": "is that of a run",
        "data preview": "is that of a run",
    },
    "--set": {
        "train": "sets the recipe, too",
        "recipe show": "sets a recipe",
        "recipe lint": "sets a recipe",
        "data preview": "sets a recipe",
    },
    "--spec": {"data preview": "has it for its input; recipes are compared with its L2"},
    "--strict": {"recipe lint": "knows no claims"},
}


def commands(group: Any = None, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def help_texts() -> dict[str, dict[str, str]]:
    """Option -> command -> help text, of options that several commands have."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for name, command in commands():
        for parameter in command.params:
            if parameter.param_type_name == "option":
                texts[parameter.opts[0]][name] = parameter.help
    return {option: uses for option, uses in texts.items() if len(uses) > 1}


def test_an_option_of_several_commands_has_one_help_text() -> None:
    for option, uses in help_texts().items():
        common = {name: text for name, text in uses.items() if name not in APART.get(option, ())}
        assert option in UNLIKE or len(set(common.values())) == 1, (
            f"{option} has several help texts: declare it once, in cli/options.py; {common}"
        )


def test_exceptions_are_needed() -> None:
    texts = help_texts()
    for option in UNLIKE:
        uses = texts[option]
        assert len(set(uses.values())) == len(uses), option
    for option, apart in APART.items():
        common = {text for name, text in texts[option].items() if name not in apart}
        for name in apart:
            assert texts[option][name] not in common, (option, name)


@pytest.mark.parametrize("group", [(), ("data",), ("recipe",)])
def test_every_command_is_listed_with_its_whole_summary(
    archc: Archc, monkeypatch: pytest.MonkeyPatch, group: tuple[str, ...]
) -> None:
    """Under a heading, on one line of 80 columns; on several where there are fewer."""
    expected = {name.split()[-1] for name, _ in commands() if name.split()[:-1] == list(group)}
    for columns in (80, 60):
        monkeypatch.setenv("COLUMNS", str(columns))
        listed = archc(*group, "--help").out.partition("--help")[2].partition("\n\n")[2]
        assert max(map(len, listed.splitlines())) <= columns
        rows = re.findall(r"^  (\w+) +(.*(?:\n    .*)*)", listed, re.MULTILINE)
        assert {name for name, _ in rows} == expected | ({"data", "recipe"} if not group else set())
        assert all(text.endswith(".") and ".." not in text for _, text in rows)
        if columns == 80:
            assert all("\n" not in text for _, text in rows), "a summary has at most 62 characters"
    headings = re.findall(r"^(\S.*):$", listed, re.MULTILINE)
    assert headings == (["Commands"] if group else list(_GROUPS))


def test_headings_are_coloured_on_terminals_only(
    archc: Archc, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" not in archc("--help").out + archc("cost", "--help").out
    monkeypatch.setattr("archcompile.cli.commands.is_coloured", lambda stream: True)
    assert "Look:\x1b[0m" in colour_headings("Look:\n  list  List.")
    assert colour_headings("  Use: it\nNote 1:") == "  Use: it\nNote 1:"
