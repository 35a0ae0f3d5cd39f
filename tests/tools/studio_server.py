"""A studio as its own process: `python studio_server.py SPEC RUNS [SLOW | lag | watch]`.

Without a spec (`new`), it begins a new one in the folder where it is started.

With SLOW, an answer takes so many seconds longer; with `lag`, the server hears nothing for a moment
before it shows one, so that it shows answers to a text that the browser has left behind.
"""

import sys
import time
from pathlib import Path
from typing import Any

from archcompile.studio import StudioRequest, page_session, start
from archcompile.studio.answering import Answer


def slow_down(seconds: float) -> None:
    """Every answer takes so much longer, half of it with the interpreter busy."""
    answer = page_session.answer

    def slow_answer(*question: object) -> Answer:
        end = time.monotonic() + seconds / 2
        while time.monotonic() < end:
            pass
        time.sleep(seconds / 2)
        return answer(*question)  # type: ignore[arg-type]

    page_session.answer = slow_answer


def lag(seconds: float) -> None:
    """The server is held up before it shows an answer."""
    begin = page_session.Session.__init__

    def begin_lagging(self: Any, studio: Any, **hooks: Any) -> None:
        def show_late(shown: Answer) -> None:
            time.sleep(seconds)
            hooks["show"](shown)

        begin(self, studio, **hooks | {"show": show_late})

    page_session.Session.__init__ = begin_lagging  # type: ignore[method-assign]


if __name__ == "__main__":
    spec, runs, *how = sys.argv[1:]
    is_watching = how == ["watch"]
    if how == ["lag"]:
        lag(0.15)
    elif how and not is_watching:
        slow_down(float(how[0]))
    request = StudioRequest(
        spec=None if spec == "new" else spec,
        runs=Path(runs),
        is_watching=is_watching,
        starts_browser=False,
    )
    start(request, say=lambda line: print(line, flush=True))
