"""A studio as its own process: `python studio_server.py SPEC RUNS [SLOW | watch]`, in seconds."""

import sys
import time
from pathlib import Path

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


if __name__ == "__main__":
    spec, runs, *how = sys.argv[1:]
    is_watching = how == ["watch"]
    if how and not is_watching:
        slow_down(float(how[0]))
    request = StudioRequest(
        spec=spec, runs=Path(runs), is_watching=is_watching, starts_browser=False
    )
    start(request, say=lambda line: print(line, flush=True))
