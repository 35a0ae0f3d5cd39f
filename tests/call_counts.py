"""How much work something is, counted in calls of functions, which no other load changes."""

import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any


def count_calls(work: Callable[[], object]) -> tuple[int, Counter[CodeType]]:
    """How many functions were called, those written in C, too; and how often each in Python."""
    calls: Counter[CodeType] = Counter()
    total = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal total
        if event == "call":
            calls[frame.f_code] += 1
        total += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return total, calls
