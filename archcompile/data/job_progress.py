"""How far a long job is, shown while it runs."""

from typing import IO


class Progress:
    """The fraction done: a line that is rewritten on a terminal, elsewhere a line every tenth."""

    def __init__(self, out: IO[str]):
        self.out = out
        self.live = out.isatty()
        self.shown = 0

    def show(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if percent - self.shown >= (1 if self.live else 10) or (
            percent == 100 and self.shown < 100
        ):
            self.shown = percent
            end = "\n" if not self.live or percent == 100 else ""
            self.out.write(f"\r{percent} %{end}" if self.live else f"{percent} %{end}")
            self.out.flush()
