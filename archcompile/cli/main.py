"""The console script. It imports next to nothing, so that Ctrl-C while the commands are imported
shows no traceback.
"""

import sys


def main() -> None:
    """Runs archc, and ends with exit code 130 when interrupted, at whatever moment."""
    try:
        from archcompile.cli.app import main as archc

        archc()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr, flush=True)
        sys.exit(130)
