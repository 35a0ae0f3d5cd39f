"""A contender's side of a measurement: a line of JSON each way for every turn."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from archcompile.bench.task import LEAD, WARM


class Turns:
    """Waits for its turn, so that contenders alternate and none works while another is measured."""

    def __init__(self) -> None:
        self.out = sys.stdout
        sys.stdout = sys.stderr  # what a library prints must not get between

    def say(self, **message: Any) -> None:
        print(json.dumps(message), file=self.out, flush=True)

    def wait(self) -> int | None:
        """The steps of the next turn; None where there is none."""
        line = sys.stdin.readline()
        return int(json.loads(line)["steps"]) if line.strip() else None

    def serve(self, go: Callable[[int], None], built: str) -> None:
        """Serves a contender whose `go` does so many steps and returns once they are done."""
        go(WARM)
        self.say(ready=True, built=built)
        while (steps := self.wait()) is not None:
            go(LEAD)
            began = time.perf_counter()
            go(steps)
            self.say(seconds=time.perf_counter() - began)
