"""Lines and tables in a width: where they break, what is left out, and what a pipe gets."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.cli.console import render
from archcompile.errors import Diagnostic, Location
from archcompile.messages import to_stderr, write_line
from archcompile.terminal import cells, fit, is_coloured, table, width_of, wrap
from tests.terminal import terminal


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("as it is", 8, ["as it is"]),
        ("one two three", 8, ["one two", "  three"]),
        ("  help: write it so", 14, ["  help: write", "    it so"]),
        ("parameters   274,442 of them", 24, ["parameters   274,442 of", "             them"]),
        ("epoch 1  loss 1.5  accuracy 0.5", 24, ["epoch 1  loss 1.5", " " * 9 + "accuracy 0.5"]),
        ("- conv: {filters: 4, kernel: 3}", 24, ["- conv: {filters: 4,", "    kernel: 3}"]),
        ("# a comment that goes on", 14, ["# a comment", "#   that goes", "#   on"]),
        ("in /a/path/that/is/long.yaml it", 12, ["in", "/a/path/that/is/long.yaml", "  it"]),
        ("\x1b[1mone two\x1b[0m three", 13, ["\x1b[1mone two\x1b[0m three"]),
        ("漢字 漢字 漢字", 9, ["漢字 漢字", "  漢字"]),
        ("and + that_is_added now", 17, ["and", "  + that_is_added", "  now"]),
    ],
)  # fmt: skip
def test_lines_break_between_words(text: str, width: int, expected: list[str]) -> None:
    assert wrap(text, width) == expected


WRITES = """
import sys
from archcompile.messages import to_stderr
print("result")
to_stderr("a note")
sys.stdout.write("half ")
to_stderr("another")
"""


def test_what_goes_to_stderr_stands_behind_what_was_printed(tmp_path: Path) -> None:
    both_at = tmp_path / "both.txt"
    with both_at.open("ab") as both:
        subprocess.run([sys.executable, "-c", WRITES], stdout=both, stderr=both, check=True)
    assert both_at.read_text() == "result\na note\nhalf another\n"


class Writes(io.StringIO):
    """Counts what it is sent."""

    count = 0

    def write(self, text: str) -> int:
        self.count += 1
        return super().write(text)


def test_a_line_is_one_write() -> None:
    stream = Writes()
    write_line("a note", stream)
    assert (stream.getvalue(), stream.count) == ("a note\n", 1)


BOLD, CYAN, YELLOW, OFF = "\x1b[1m", "\x1b[36m", "\x1b[1;33m", "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "coloured"),
    [
        ("run folder: runs/a", f"{BOLD}run folder{OFF}: runs/a"),
        ("next:", f"{BOLD}next{OFF}:"),
        ("  help: write it so", f"  \x1b[1;36mhelp{OFF}: write it so"),
        ("warning: a: b", f"{YELLOW}warning{OFF}: a: b"),
        (
            "a/b.yaml:6:45: warning[boundary-after-end]: so",
            f"{CYAN}a/b.yaml:6:45{OFF}: {YELLOW}warning[boundary-after-end]{OFF}: so",
        ),
        (
            "--set train.epochs:1:1: note[x]: so",
            f"{CYAN}--set train.epochs:1:1{OFF}: \x1b[1;36mnote[x]{OFF}: so",
        ),
        ("b.yaml:6:45: more", "b.yaml:6:45: more"),
        ("epoch 1/3  loss: 2", "epoch 1/3  loss: 2"),
        ("that is so, and: so", "that is so, and: so"),
    ],
)
def test_labels_of_messages_are_coloured(
    monkeypatch: pytest.MonkeyPatch, text: str, coloured: str
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    with terminal(80) as sent:
        to_stderr(text)
    assert b"".join(sent).decode() == f"{coloured}\r\n"


def test_a_pipe_gets_the_text_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "7")
    assert fit("one two three", io.StringIO()) == "one two three"
    assert fit("one two three", Terminal()) == "one two\n  three"
    monkeypatch.setenv("COLUMNS", "0")
    assert width_of(Terminal()) == 80, "a terminal that does not know its width"
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    assert is_coloured(Terminal()) and not is_coloured(io.StringIO())
    os.environ["NO_COLOR"] = "1"
    assert not is_coloured(Terminal())


ROWS = [
    ("name", "what it is about", "figure", "time"),
    ("first", "words that can be wrapped", "1,234", "12s"),
    ("second", "few", "5", "3m05s"),
]
TABLES = {
    None: """\
name    what it is about           figure  time
first   words that can be wrapped   1,234  12s
second  few                             5  3m05s""",
    40: """\
name    what it is about   figure  time
first   words that can be   1,234  12s
        wrapped
second  few                     5  3m05s""",
    25: """\
name    what it   figure
        is about
first   words      1,234
        that can
        be
        wrapped
second  few            5
(no room for: time)""",
    12: """\
first
  what it is
  about:
  words that
  can be
  wrapped
  figure:
  1,234
  time: 12s
second
  what it is
  about: few
  figure: 5
  time:
  3m05s""",
}


@pytest.mark.parametrize("width", TABLES, ids=str)
def test_a_table_fits(width: int | None) -> None:
    """Cells are wrapped, then a column is dropped, then each row is a paragraph."""
    lines = table(ROWS, frozenset({2}), width=width, least=(3,))
    assert "\n".join(lines) == TABLES[width]
    assert width is None or max(map(cells, lines)) <= width


def test_a_long_source_line_is_cut_around_what_is_marked() -> None:
    text = "stem: [conv: {filters: 4, kernel: 3}, relu, conv: {filtrs: 4}, relu, bn, relu, relu]"
    place = Location(file="x.yaml", line=3, column=text.index("filtrs") + 1, width=6, text=text)
    _, source, caret = render(Diagnostic(code="c", message="m", location=place), width=50).split(
        "\n"
    )
    assert source == "  3 | … 3}, relu, conv: {filtrs: 4}, relu, bn, …"
    assert caret.index("^") == source.index("filtrs") and caret.count("^") == 6
