"""What is wrong with data: the table to which each way of spoiling it adds itself."""

import os
from collections.abc import Callable
from pathlib import Path

Make = Callable[[Path], object]  # spoils good data that lies in a folder
# by name: what is good before, how it is spoilt, the file at fault, words of the error
KINDS: dict[str, tuple[str, Make, str, str]] = {}


def kind(base: str, file: str, words: str) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        KINDS[make.__name__.strip("_").replace("_", " ")] = (base, make, file, words)
        return make

    return add


class Call:
    """What pickles to a call of a function."""

    def __init__(self, function: Callable[..., object], *arguments: object):
        self.reduction = function, arguments

    def __reduce__(self) -> tuple[object, ...]:
        return self.reduction


EVIL = Call(os.system, "touch ran; touch ../ran")
