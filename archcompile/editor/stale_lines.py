"""Which lines of a text stand unchanged in the text whose graph is shown."""

from archcompile.editor.analysis import Analysis


def graph_lines(analysis: Analysis) -> dict[int, int]:
    """By each line of the shown graph's text that stands in the file: its line there.

    Lines before the first change keep their places, those behind the last one move together;
    of what lies between nothing is claimed.
    """
    shown = analysis.newest
    if shown is None:
        return {}
    before, now = shown.text.splitlines(), analysis.text.splitlines()
    if shown.text == analysis.text:
        return {line: line for line in range(1, len(now) + 1)}
    most = min(len(before), len(now))
    head = next((i for i in range(most) if before[i] != now[i]), most)
    rest = most - head
    tail = next((i for i in range(rest) if before[-1 - i] != now[-1 - i]), rest)
    shift = len(now) - len(before)
    same = {line: line for line in range(1, head + 1)}
    return same | {line: line + shift for line in range(len(before) - tail + 1, len(before) + 1)}
