"""Contenders in processes of their own that take turns, so that all meet the same machine."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import IO, Any

from archcompile.bench.task import Outcome, Task
from archcompile.messages import Say

# what a contender compiles in seconds is measured too, so it takes nothing from JAX' cache
NOTHING_KEPT = {"JAX_ENABLE_COMPILATION_CACHE": "0"}


class Child:
    """The process of a task.

    What it writes to stderr goes to the file `words`: a pipe that nobody reads would stop it. It is
    killed once it has lived for `limit` seconds.
    """

    def __init__(self, task: Task, words: IO[str], limit: float | None = None) -> None:
        self.task, self.words, self.limit = task, words, limit
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "archcompile.bench.contender_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.words,
            text=True,
            env={**os.environ, **NOTHING_KEPT},
        )
        self.seconds: list[float] = []
        self.built, self.missing = "", None
        self.compile_seconds: float | None = None
        self.host_seconds: float | None = None
        self.is_late = False
        self.timer = threading.Timer(limit or 0.0, self._end)
        self.timer.daemon = True
        if limit is not None:
            self.timer.start()

    def _end(self) -> None:
        self.is_late = True
        self.process.kill()

    def tell(self, message: Any) -> dict[str, Any]:
        """Sends a message and waits for the answer; for a dead process its last words answer."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin and stdout
        try:
            stdin.write(json.dumps(message) + "\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.process.wait()
        if self.is_late:
            return {"missing": f"not done within its {self.limit:.0f} s"}
        words = self.last_words()
        return {"missing": f"its process ended: {words[-1] if words else 'without a word'}"}

    def last_words(self) -> list[str]:
        """The lines that its process has written to stderr, in the end."""
        self.words.seek(0)
        return self.words.read().strip().splitlines()

    def start(self) -> None:
        answer = self.tell(asdict(self.task))
        self.built, self.missing = answer.get("built", ""), answer.get("missing")
        self.compile_seconds = answer.get("compile_seconds")
        self.host_seconds = answer.get("host_seconds")

    def turn(self) -> None:
        answer = self.tell({"steps": self.task.steps})
        if "seconds" in answer:
            self.seconds.append(answer["seconds"] / (self.task.steps * self.task.batch))
        else:
            self.missing = answer["missing"]

    def stop(self) -> None:
        self.timer.cancel()
        self.process.kill()
        self.process.communicate()

    def outcome(self) -> Outcome:
        return Outcome(
            task=self.task,
            seconds=() if self.missing else tuple(self.seconds),
            built=self.built,
            compile_seconds=self.compile_seconds,
            host_seconds=self.host_seconds,
            missing=self.missing,
        )


def measure(tasks: Sequence[Task], say: Say) -> list[Outcome]:
    """Every task has its turns; a contender that is missing, or fails, is an outcome too."""
    with start_children(tasks) as children:
        for child in children:
            child.start()
            outcome = child.missing or child.built
            say(f"{child.task.contender} {child.task.precision}: {outcome}")
        turns = max(task.turns for task in tasks)
        for turn in range(turns):
            for child in children:
                if child.missing is None:
                    child.turn()
            say(f"turn {turn + 1} of {turns}")
        return [child.outcome() for child in children]


@contextmanager
def start_children(tasks: Sequence[Task], limit: float | None = None) -> Iterator[list[Child]]:
    """Their processes, which end with the body."""
    with ExitStack() as stack:
        children: list[Child] = []
        for task in tasks:
            words = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            child = Child(task, words, limit)
            children.append(child)
            stack.callback(child.stop)
        yield children
