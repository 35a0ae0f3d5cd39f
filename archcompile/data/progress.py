"""How far something has come, said while it runs."""

from typing import IO


class Progress:
    """The share that is done: one line rewritten on a terminal, elsewhere a line every tenth."""

    def __init__(self, out: IO[str]):
        self.out = out
        self.live = out.isatty()
        self.said = 0

    def show(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if percent - self.said >= (1 if self.live else 10) or (percent == 100 and self.said < 100):
            self.said = percent
            end = "\n" if not self.live or percent == 100 else ""
            self.out.write(f"\r{percent} %{end}" if self.live else f"{percent} %{end}")
            self.out.flush()
