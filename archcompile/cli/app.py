"""The command line: a thin file per command; errors become messages and exit codes."""

import errno
import json
import os
import platform
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from io import TextIOWrapper
from typing import Annotated, Any, TextIO

import typer
from typer.exceptions import TyperException

from archcompile import __version__
from archcompile.cli.bash_words import complete_in_bash, is_bash_asking
from archcompile.cli.bench import bench
from archcompile.cli.build import build
from archcompile.cli.commands import Command, CommandGroup
from archcompile.cli.compare import compare
from archcompile.cli.console import report, say
from archcompile.cli.cost import cost
from archcompile.cli.data import data_app
from archcompile.cli.diff import diff
from archcompile.cli.doctor import doctor
from archcompile.cli.evaluate import evaluate
from archcompile.cli.expect import expect
from archcompile.cli.experiment import experiment
from archcompile.cli.explain import explain
from archcompile.cli.export import export
from archcompile.cli.foreign_commands import command_hint
from archcompile.cli.foreign_options import option_hint
from archcompile.cli.graph import graph
from archcompile.cli.import_ import import_
from archcompile.cli.init import init
from archcompile.cli.list import list_specs
from archcompile.cli.lsp import lsp
from archcompile.cli.new import new
from archcompile.cli.predict import predict
from archcompile.cli.recipe import recipe_app
from archcompile.cli.runs import runs
from archcompile.cli.schema import schema
from archcompile.cli.show import show
from archcompile.cli.studio import studio, watch
from archcompile.cli.table import table
from archcompile.cli.train import train
from archcompile.cli.validate import validate
from archcompile.cli.verify import verify
from archcompile.errors import INTERRUPTED, ArchError, DataError, UsageError, as_json

INTERNAL = 70  # EX_SOFTWARE of sysexits(3)
CLOSED_PIPE = 141  # as a shell reports a Unix tool that SIGPIPE ended
# of a disk that is full or read-only, and of an output that is closed
REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EBADF)

app = typer.Typer(
    name="archc",
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# in the order of `archc --help`, which has them under these headings
_GROUPS: dict[str, dict[str, Callable[..., None] | typer.Typer]] = {
    "Write": {
        "init": init,
        "new": new,
        "import": import_,
        "validate": validate,
        "expect": expect,
        "show": show,
        "studio": studio,
        "watch": watch,
        "lsp": lsp,
    },
    "Look": {"list": list_specs, "graph": graph, "cost": cost, "table": table, "diff": diff},
    "Prove": {"verify": verify},
    "Train": {
        "train": train,
        "experiment": experiment,
        "runs": runs,
        "eval": evaluate,
        "compare": compare,
        "predict": predict,
        "bench": bench,
        "data": data_app,
        "recipe": recipe_app,
    },
    "Take away": {"build": build, "export": export},
    "Help": {"explain": explain, "schema": schema, "doctor": doctor},
}
for _heading, _commands in _GROUPS.items():
    for _name, _command in _commands.items():
        if isinstance(_command, typer.Typer):
            app.add_typer(_command, name=_name, cls=CommandGroup, rich_help_panel=_heading)
        else:
            app.command(_name, cls=Command, rich_help_panel=_heading)(_command)


def _print_version(is_given: bool) -> None:
    if is_given:
        print(f"archc {__version__}")
        raise typer.Exit


@app.callback()
def _archc(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            "-v",
            callback=_print_version,
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Compile, check, draw, cost and train convolutional networks written as short YAML specs."""


def main(also: Callable[[ArchError], None] = lambda error: None) -> None:
    """The console script. Exit codes: see the README. `also` gets the error that ends it."""
    try:
        _main(also)
    except BrokenPipeError:
        # what reads our output has had enough: no error of the spec, and nobody to tell
        _forget(sys.stdout, sys.stderr)
        sys.exit(CLOSED_PIPE)
    except OSError as error:  # the error itself, as JSON, could not be written
        sys.exit(_tell_unexpected(error))


def _main(also: Callable[[ArchError], None]) -> None:
    is_debugging = "--debug" in sys.argv[1:]
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    _prepare_output(is_debugging)
    try:
        if is_bash_asking():
            code = complete_in_bash(lambda: _run_command(arguments))
        else:
            code = _run_command(arguments)
        sys.stdout.flush()
        if code == INTERRUPTED:
            say("interrupted")
    except ArchError as error:
        if is_debugging:
            traceback.print_exc()
        _tell(error, arguments)
        also(error)
        code = error.exit_code
    except TyperException as error:
        _tell_usage(error, arguments)
        code = UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        if is_debugging:
            traceback.print_exc()
        code = _tell_unexpected(error)
    sys.exit(code)


def _prepare_output(is_debugging: bool) -> None:
    if not is_debugging and not sys.warnoptions:
        # what packages say to those who program with them; what matters we say ourselves
        warnings.simplefilter("ignore")
    if sys.stdout is None:  # closed by the caller, as `>&-` does
        # what is printed must fail as on a full disk, and no other file may take its number
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w")  # noqa: SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a terminal that knows no `×` still gets the rest
            stream.reconfigure(errors="backslashreplace")


def _tell_usage(error: TyperException, arguments: list[str]) -> None:
    """A mistake that the parser of the command line has seen."""
    if type(error).__name__ == "NoArgsIsHelpError":  # typer offers no name for it
        say(error.format_message())
        return
    error.message = error.message.removeprefix("Value error, ")  # pydantic's own words
    hint = command_hint(error.message, _words_behind(error.message, arguments), _names())
    hint = hint or option_hint(error.message, arguments[0] if arguments else "")
    if hint:
        _tell(UsageError(hint[0], hint=hint[1]), arguments)
    else:
        message = " ".join(error.format_message().split())  # a choice stands on lines of its own
        _tell(UsageError(message, hint=_usage_words(error)), arguments)


def _words_behind(message: str, arguments: list[str]) -> list[str]:
    """The words behind the one that a message quotes, options left out."""
    place = next((i for i, word in enumerate(arguments) if f"'{word}'" in message), len(arguments))
    return [word for word in arguments[place + 1 :] if not word.startswith("-")]


def _names() -> list[str]:
    """The names of all commands."""
    return [name for commands in _GROUPS.values() for name in commands]


def _usage_words(error: TyperException) -> str | None:
    """How the command is used that the parser has read."""
    context = getattr(error, "ctx", None)
    if context is None:
        return None
    usage = " ".join(context.command.get_usage(context).removeprefix("Usage: ").split())
    return f"{usage}; `{context.command_path} -h` describes it"


def _tell_unexpected(error: Exception) -> int:
    """Says that nothing can be written, or that this is a bug; returns the exit code."""
    if isinstance(error, OSError) and error.errno in REFUSED:
        _forget(sys.stdout)
        say(f"error: the output cannot be written: {error.strerror}")
        return DataError.exit_code
    say("\n".join(_internal_error_lines(error)))
    return INTERNAL


def _internal_error_lines(error: Exception) -> list[str]:
    system = f"Python {platform.python_version()}, {platform.system()}"
    return [
        f"internal error: {type(error).__name__}: {error}",
        f"  This is a bug in archc {__version__} ({system}).",
        "  Please report it with the spec and the output of the same command with --debug.",
        *(f"  {note}" for note in getattr(error, "__notes__", ())),
    ]


def _run_command(arguments: list[str]) -> int:
    """Runs a command; returns its exit code, also of Ctrl-C. Raises BrokenPipeError."""
    try:
        return _command_tree()(arguments, standalone_mode=False) or 0
    except SystemExit as left:
        # Typer's own end on a closed pipe has the exit code of an error in a spec
        if isinstance(left.__context__, BrokenPipeError):
            raise left.__context__ from None
        raise


@cache
def _command_tree() -> Any:
    """All commands and their options, which typer would read from the signatures each time."""
    return typer.main.get_command(app)


def _forget(*streams: TextIO) -> None:
    """Nobody can take what is left to be written: Python's last flush must not fail too."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _tell(error: ArchError, arguments: list[str]) -> None:
    """An error in the form asked for. With --json `validate` prints a list, others an object."""
    if "--json" not in arguments:
        report(error)
    elif "validate" in arguments:
        print(json.dumps(error.records(), indent=2), flush=True)
    else:
        print(as_json(error), flush=True)
