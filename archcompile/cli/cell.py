"""`python -m archcompile.cli.cell train …`: one training of an experiment, which dies with it.

Its stdin is a pipe that the experiment holds. What a person sees goes to stderr; if it fails, the
reason goes to stdout as JSON.
"""

import json
import os
from contextlib import suppress

from archcompile.errors import ArchError, summary
from archcompile.training import end_with_parent

# characters of a reason: any pipe holds them, so that nobody has to read before the end
LONGEST = 1000


def main() -> None:
    """Runs the command of the arguments as `archc` does."""
    end_with_parent()
    answer = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    from archcompile.cli.app import main as archc

    def tell(error: ArchError) -> None:
        with suppress(BrokenPipeError):  # the experiment was killed: nobody asks for the reason
            os.write(answer, json.dumps({"message": summary(error)[:LONGEST]}).encode())

    archc(tell)


if __name__ == "__main__":
    main()
