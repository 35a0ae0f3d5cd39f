"""The process of a contender: run with `python -m`, with its task on stdin."""

import json
import sys

from archcompile.bench.task import Task
from archcompile.bench.turns import Turns
from archcompile.errors import ArchError


def main() -> None:
    record = json.loads(sys.stdin.readline())
    task = Task(**{**record, "sets": tuple(record["sets"])})
    turns = Turns()
    try:
        task.row.run(task, turns)
    except ArchError as error:
        hint = "" if error.hint is None else f" ({error.hint})"
        turns.say(missing=f"{error.message}{hint}")


if __name__ == "__main__":
    main()
