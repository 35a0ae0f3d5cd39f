"""The functions of the package: they are listed, complete, and say what the commands say."""

import inspect
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from traceback import TracebackException
from typing import Any

import pytest

import archcompile
from archcompile.cli.app import app
from archcompile.errors import SpecError, UsageError
from archcompile.python_words import FUNCTIONS
from archcompile.run_files import RECIPE, RESOLVED
from tests.command_line import Archc
from tests.report.written_runs import write_run

ROOT = Path(__file__).parents[2]
NAMES = """
    compile summary cost diff draw verify train evaluate predict compare runs export load_run
    list_specs
    """.split()  # noqa: SIM905 - a list of words


def test_every_function_is_listed_typed_and_on_the_page() -> None:
    page = (ROOT / "docs/python.md").read_text()
    assert set(NAMES) <= set(dir(archcompile))
    for name in NAMES:
        function = getattr(archcompile, name)
        signature = inspect.signature(function)
        assert function.__doc__, name
        assert signature.return_annotation is not inspect.Signature.empty, name
        assert all(p.annotation is not p.empty for p in signature.parameters.values()), name
        assert f"| `{name}(" in page, name


def test_importing_the_package_loads_nothing() -> None:
    code = (
        "import sys, archcompile\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & set(sys.argv[1:])))"
    )
    heavy = ["tensorflow", "keras", "numpy", "pydantic", "typer", "rich", "networkx", "IPython"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


# by command: options that make no sense for a function, and what its result has instead
WITHOUT = {
    "build": {"emit", "features", "weights", "from", "json", "strict", "output"},
    "cost": {"json"},
    "diff": {"json", "exit_code", "output"},  # `.save`
    "graph": set(),
    "verify": {"json"},
    "train": {"dry_run", "find_rate", "quiet"},  # `say` is quiet or not
    "eval": {"json"},
    "predict": {"json"},
    "compare": {"json", "output", "data_dir"},  # `.save`
    "runs": {"json"},
    "export": {"json"},
    "list": {"json"},
}
OTHER_NAMES = {"set": "sets", "set_a": "sets_a", "set_b": "sets_b"}


def options_of(command: str) -> set[str]:
    """The long options of a command, spelled as arguments."""
    import typer

    group: Any = typer.main.get_command(app)
    options = {
        flag.removeprefix("--").replace("-", "_")
        for parameter in group.commands[command].params
        for flag in parameter.opts
        if flag.startswith("--")
    }
    return {OTHER_NAMES.get(option, option) for option in options}


@pytest.mark.parametrize(("command", "function"), FUNCTIONS.items())
def test_every_option_is_an_argument(command: str, function: str) -> None:
    arguments = set(inspect.signature(getattr(archcompile, function)).parameters)
    assert options_of(command) - WITHOUT[command] <= arguments


def test_train_takes_what_a_request_has() -> None:
    from archcompile.training import TrainingRequest

    arguments = set(inspect.signature(archcompile.train).parameters)
    assert arguments == {field.name for field in fields(TrainingRequest)} | {"say", "params"}


NETWORKS = [
    (["build", "resnet_v1_20", "--emit", "source"], lambda: archcompile.summary("resnet_v1_20")),
    (["cost", "resnet_v1", "--set", "depth=8"], lambda: archcompile.cost("resnet_v1", depth=8)),
    (["diff", "resnet_a_20", "plain_20"], lambda: archcompile.diff("resnet_a_20", "plain_20")),
    (["list"], archcompile.list_specs),
]


@pytest.mark.parametrize(("command", "result"), NETWORKS, ids=[row[0][0] for row in NETWORKS])
def test_a_result_is_what_the_command_prints(command: list[str], result: Any, archc: Archc) -> None:
    printed = json.loads(archc(*command, "--json").out)
    data = result().to_dict()
    if command[0] == "build":
        assert printed.pop("files") and data.pop("files") == {}
    assert json.loads(json.dumps(data)) == printed


def test_runs_are_what_the_commands_print(archc: Archc, tmp_path: Path) -> None:
    for seed in (0, 1):
        write_run(tmp_path / "runs" / str(seed), seed=seed)
    listed = archcompile.runs(sort="name")
    assert json.loads(archc("runs", "--sort", "name", "--json").out) == listed.to_dict()
    assert [summary.seed for summary in listed] == [0, 1] and len(listed) == 2
    compared = archcompile.compare(["runs/0", "runs/1"])
    assert json.loads(archc("compare", "runs/0", "runs/1", "--json").out) == compared.to_dict()
    run = archcompile.load_run("runs/1")
    assert run.to_dict() == listed.to_dict()["runs"][1]
    assert run.result is not None and run.result["test_accuracy"] == 0.7
    assert [row.epoch for row in run.history] == [1, 2, 3, 4] == [row["epoch"] for row in run.rows]


def test_a_name_that_is_not_offered() -> None:
    with pytest.raises(AttributeError, match="module 'archcompile' has no attribute") as caught:
        getattr(archcompile, "sumary")  # noqa: B009
    lines = TracebackException.from_exception(caught.value).format_exception_only()
    assert sys.version_info < (3, 12) or "Did you mean: 'summary'?" in "".join(lines)


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a run folder: there is nothing") as caught:
        archcompile.load_run(tmp_path / "nope")
    assert "archcompile.runs() lists" in str(caught.value).replace("`", "")
    for mark in (RECIPE, RESOLVED):
        (tmp_path / "first").mkdir(exist_ok=True)
        (tmp_path / "first" / mark).touch()
    with pytest.raises(UsageError, match=f"such as {tmp_path}/first"):
        archcompile.load_run(tmp_path)


def test_train_takes_variables_as_compile_does() -> None:
    with pytest.raises(SpecError, match="did you mean `depth`"):
        archcompile.train("resnet_v1", recipe="digits", depht=8)


def test_a_notebook_shows_the_lines_of_the_caller_alone() -> None:
    with pytest.raises(SpecError) as caught:
        archcompile.compile("resnet_v1", depth=21)
    lines = caught.value._render_traceback_()
    assert "archcompile.compile(" in lines[0] and lines[1] == f"SpecError: {caught.value}"
