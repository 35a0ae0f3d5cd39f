"""Which lines of a text stand unchanged in a later one."""

from archcompile.editor.words import LINE_BREAK


def unchanged_lines(before: str, now: str) -> dict[int, int]:
    """By each line that stayed: its line now.

    Lines before the first change keep their places, those behind the last one move together; of
    what lies between nothing is claimed.
    """
    old, new = LINE_BREAK.split(before), LINE_BREAK.split(now)
    most = min(len(old), len(new))
    head = most
    if before != now:
        head = next((i for i in range(most) if old[i] != new[i]), most)
    rest = most - head
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    shift = len(new) - len(old)
    same = {line: line for line in range(1, head + 1)}
    return same | {line: line + shift for line in range(len(old) - tail + 1, len(old) + 1)}
