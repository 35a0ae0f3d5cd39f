"""The console script; it imports almost nothing, so that an early Ctrl-C shows no traceback."""

import sys


def main() -> None:
    """Runs archc, and ends with exit code 130 when interrupted, at whatever moment."""
    try:
        from archcompile.cli.app import main as archc

        archc()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr, flush=True)
        sys.exit(130)
