"""SIGINT and SIGTERM as a question that training asks between two steps."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stop:
    """`signal` is the number of the signal that arrived, None while none has."""

    signal: int | None = None


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Notes the first SIGINT or SIGTERM instead of dying of it; a second one acts at once, as ever.

    Only the main thread can do so; in another thread signals stay as they are.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before: dict[int, Any] = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)
    }

    def note(number: int, frame: FrameType | None) -> None:
        stop.signal = number
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
