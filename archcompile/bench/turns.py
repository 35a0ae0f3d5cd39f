"""A contender's side of a measurement: a line of JSON each way for every turn."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from archcompile.bench.task import LEAD, WARM

HOST_STEPS = 10  # of which the median is taken


class Turns:
    """Waits for its turn, so that contenders alternate and none works while another is measured."""

    def __init__(self) -> None:
        self.out = sys.stdout
        sys.stdout = sys.stderr  # what a library prints must not get between
        self.began = time.perf_counter()

    def begin(self) -> None:
        """Called when images and framework are ready: the network is built and compiled next."""
        self.began = time.perf_counter()

    def say(self, **message: Any) -> None:
        print(json.dumps(message), file=self.out, flush=True)

    def wait(self) -> int | None:
        """The steps of the next turn; None where there is none."""
        line = sys.stdin.readline()
        return int(json.loads(line)["steps"]) if line.strip() else None

    def serve(self, start: Callable[[int], None], finish: Callable[[], None], built: str) -> None:
        """Serves a contender.

        Its `start` starts so many steps; its `finish` returns once all that were started are done.
        """

        def go(steps: int) -> float:
            began = time.perf_counter()
            start(steps)
            finish()
            return time.perf_counter() - began

        go(1)
        compile_seconds = time.perf_counter() - self.began
        go(WARM - 1)
        host_seconds = statistics.median(_host_seconds(start, finish) for _ in range(HOST_STEPS))
        self.say(
            ready=True, built=built, compile_seconds=compile_seconds, host_seconds=host_seconds
        )
        while (steps := self.wait()) is not None:
            go(LEAD)
            self.say(seconds=go(steps))


def _host_seconds(start: Callable[[int], None], finish: Callable[[], None]) -> float:
    """Seconds until a step has been started on a device that has nothing else to do."""
    began = time.perf_counter()
    start(1)
    seconds = time.perf_counter() - began
    finish()
    return seconds
