"""The process of one contender: `python -m archcompile.bench.child`, its task as the first line of
its input.
"""

import json
import sys
from importlib import import_module

from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.errors import ArchError


def main() -> None:
    told = json.loads(sys.stdin.readline())
    task = Task(**{**told, "sets": tuple(told["sets"])})
    turns = Turns()
    try:
        import_module(f"archcompile.bench.{MODULES[task.contender]}").run(task, turns)
    except ArchError as error:
        turns.say(
            missing=error.message if error.hint is None else f"{error.message} ({error.hint})"
        )


MODULES = {
    "archc": "ours",
    "keras": "plain_keras",
    "article": "article",
    "torch": "torch_eager",
    "convolutions": "convolutions",
}

if __name__ == "__main__":
    main()
