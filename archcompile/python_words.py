"""The words of messages for a caller in Python: `--run-dir DIR` is `run_dir=DIR` there.

Messages name the options of the command line, where most of them are read. Each option is a keyword
argument of the function that is named after the command, so that it can be said in both ways.
"""

import re
from typing import get_args

from archcompile.choices import (
    DrawnStyle,
    EngineName,
    ExportFormat,
    Kernels,
    Level,
    Precision,
    SourceStyle,
)
from archcompile.errors import Location

# the functions of the package `archcompile`, by the command that does the same
FUNCTIONS = {
    "build": "compile",
    "cost": "cost",
    "diff": "diff",
    "graph": "draw",
    "verify": "verify",
    "train": "train",
    "eval": "evaluate",
    "predict": "predict",
    "compare": "compare",
    "runs": "runs",
    "export": "export",
    "list": "list_specs",
}
FLAGS = ("resume", "force", "deterministic", "tensorboard", "ensemble", "preprocessing", "trust")
UNSAID = ("json", "exit-code")  # what every result can be asked for
# options that a function has under another name; the others are spelled with `_` for `-`
KEYWORDS = {"o": "output", "set": "sets"}
# words that follow an option as its value; other words go on with the sentence
CHOICES = (
    *(word for each in (DrawnStyle, EngineName, Level, Precision) for word in get_args(each)),
    *(word for each in (ExportFormat, Kernels, SourceStyle) for word in get_args(each)),
    *("canonical", "exact", "best", "last", "cpu", "gpu", "idx", "folder", "cifar10"),
)
SETTING = "--set "  # how the place of a setting begins, before its key

_CHOICE = rf"(?:{'|'.join(CHOICES)})(?![\w-]|:\w)"
_PLACEHOLDER = r"[A-Z]+(?:[.=][A-Za-z]+)?(?![\w-])"
# a number, a path, a setting, a list: anything but a word of letters
_LITERAL = r"(?=[^\s`;)]*?(?:[0-9/=_]|[,.:]\w))[^\s`;)]*[\w…}\]]"
_VALUE = f"(?:{_CHOICE}|{_PLACEHOLDER}|{_LITERAL})"
_FLAG = rf"--(?:{'|'.join((*FLAGS, *UNSAID))})(?![\w-])"
_OPTION = re.compile(
    rf"(?<![\w-])(?:(?P<flag>{_FLAG})|(?P<option>--[a-z][a-z-]*|-o)(?:[ =](?P<value>{_VALUE}))?)"
)
_PLAIN_OPTION = f"(?:{_FLAG}|(?:--[a-z][a-z-]*|-o)(?:[ =]{_VALUE})?)"
_COMMAND = re.compile(
    rf"\barchc (?P<name>{'|'.join(FUNCTIONS)})\b"
    rf"(?P<given>(?: {_PLACEHOLDER})*)(?P<options>(?: {_PLAIN_OPTION})*)"
)


def in_python(text: str) -> str:
    """A message in which options are keyword arguments, and commands are functions."""
    return _OPTION.sub(_keyword, _COMMAND.sub(_call, text))


def as_argument(place: Location) -> str | None:
    """`depth=21` for a place in a setting; None for one in a file."""
    return place.text if place.file.startswith(SETTING) else None


def _call(match: re.Match[str]) -> str:
    """`archc train SPEC --recipe FILE` as `archcompile.train(SPEC, recipe=FILE)`."""
    options = _OPTION.finditer(match["options"])
    arguments = [*match["given"].split(), *filter(None, map(_keyword, options))]
    return f"archcompile.{FUNCTIONS[match['name']]}({', '.join(arguments)})"


def _keyword(match: re.Match[str]) -> str:
    if flag := match["flag"]:
        name = flag.removeprefix("--")
        return "" if name in UNSAID else f"{name}=True"
    option = match["option"].lstrip("-").replace("-", "_")
    name, value = KEYWORDS.get(option, option), match["value"]
    if value is not None:
        return f"{name}={_literal(name, value)}"
    is_quoted = match.string[: match.start()].endswith("`")
    return name if is_quoted else f"`{name}`"


def _literal(name: str, value: str) -> str:
    if name == "sets":
        return f'["{value}"]'
    is_placeholder = value.isupper() and value.isalpha()
    return value if value.isdecimal() or is_placeholder else f'"{value}"'
