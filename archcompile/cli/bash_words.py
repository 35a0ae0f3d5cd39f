"""Completion in bash, which splits words at `:` and `=` too, as in `keras.applications:NAME`.

Typer takes these pieces for arguments. Here they are put together before it looks, and what stands
in front of the last `:` or `=` is taken off its answers, since bash replaces only what follows.
"""

import io
import os
from collections.abc import Callable
from contextlib import redirect_stdout

ASKED = "_ARCHC_COMPLETE"  # what the script that typer installs sets
BREAKS = ":="


def is_bash_asking() -> bool:
    """Whether this process is to answer a key press in bash."""
    return os.environ.get(ASKED) == "complete_bash"


def complete_in_bash(complete: Callable[[], int]) -> int:
    """Lets typer complete the words of the command line, and prints what bash is to insert."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    words, current = join_words(words, int(os.environ.get("COMP_CWORD", "0")))
    os.environ |= {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(current)}
    word = words[current] if current < len(words) else ""
    known = max(map(word.rfind, BREAKS)) + 1
    answers = io.StringIO()
    try:
        with redirect_stdout(answers):
            return complete()
    finally:
        for answer in answers.getvalue().splitlines():
            print(answer[known:])


def join_words(words: list[str], current: int) -> tuple[list[str], int]:
    """The words as they were typed, and the number of the one that the cursor is in."""
    joined: list[str] = []
    place = 0
    for number, word in enumerate(words):
        before = joined[-1] if joined else ""
        if before and (word[:1] in tuple(BREAKS) or before[-1] in BREAKS) and number > 1:
            joined[-1] += word
        else:
            joined.append(word)
        if number <= current:
            place = len(joined) - 1
    return joined, max(place, current - len(words) + len(joined))
