"""The console script as a process: interrupted at any moment, and with a reader that leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import archcompile
from tests.training.runs import RECIPE, SPEC, run_tiny
from tests.warm import start_archc

ROOT = Path(archcompile.__file__).parents[1]
SCRIPT = "from archcompile.cli.main import main; main()"


def run(script: str, *arguments: str, folder: Path, head: int | None = None) -> tuple[int, str]:
    """Exit code and stderr; with `head`, stdout and stderr go into a pipe whose reader leaves after
    so many lines.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if head is None else subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if head is None:
        _, err = process.communicate(timeout=60)
        return process.returncode, err
    assert process.stdout is not None
    for _ in range(head):
        process.stdout.readline()
    process.stdout.close()
    return process.wait(timeout=300), ""


INTERRUPTED_AT = {
    "import": "sys.meta_path.insert(0, Interrupting())",
    "command": (
        "import archcompile.cli.list; archcompile.cli.list.list_specs.__code__ = interrupt.__code__"
    ),
}


@pytest.mark.parametrize("place", INTERRUPTED_AT.values(), ids=INTERRUPTED_AT)
def test_an_interruption_is_told_in_one_word(place: str, tmp_path: Path) -> None:
    before = f"""
import sys

def interrupt():
    raise KeyboardInterrupt

class Interrupting:
    def find_spec(self, name, *rest):
        if name == "archcompile.cli.graph":
            interrupt()

{place}
"""
    assert run(before + SCRIPT, "list", folder=tmp_path) == (130, "interrupted\n")


@pytest.mark.parametrize("command", [["cost", "resnet_v1_1202"], ["--help"]], ids=str)
def test_a_closed_pipe_is_no_error_in_the_spec(command: list[str], tmp_path: Path) -> None:
    assert run(SCRIPT, *command, folder=tmp_path, head=0)[0] == 141


@pytest.mark.keras
def test_training_ends_on_a_closed_pipe_only_after_a_checkpoint(tmp_path: Path) -> None:
    arguments = ["train", SPEC, "--recipe", RECIPE, "--run-dir", "run"]
    reader, writer = os.pipe()
    process = start_archc(*arguments, cwd=tmp_path, stdout=writer, stderr=writer)
    os.close(writer)
    with open(reader) as shown:
        while not shown.readline().startswith("epoch 1"):
            assert process.poll() is None
    assert process.wait(timeout=300) == 141
    assert list((tmp_path / "run/checkpoints").glob("epoch-*"))
    assert run_tiny(tmp_path / "run", resume=True).is_finished()
