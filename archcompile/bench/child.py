"""The process of a contender: `python -m archcompile.bench.child` with its task on stdin."""

import json
import sys
from importlib import import_module

from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.errors import ArchError


def main() -> None:
    record = json.loads(sys.stdin.readline())
    task = Task(**{**record, "sets": tuple(record["sets"])})
    turns = Turns()
    try:
        import_module(f"archcompile.bench.{MODULES[task.contender]}").run(task, turns)
    except ArchError as error:
        hint = "" if error.hint is None else f" ({error.hint})"
        turns.say(missing=f"{error.message}{hint}")


MODULES = {
    "archc": "ours",
    "keras": "plain_keras",
    "article": "article",
    "torch": "torch_eager",
    "convolutions": "convolutions",
}

if __name__ == "__main__":
    main()
