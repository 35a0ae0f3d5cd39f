"""`archc eval`: scores a run again from what it left on disk."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from typer import Argument, Option


class Which(StrEnum):
    LAST = "last"
    BEST = "best"


def evaluate(
    run: Annotated[Path, Argument(help="a run's folder", show_default=False)],
    checkpoint: Annotated[
        Which, Option(help="the last epoch, or the best, which was chosen on the test set")
    ] = Which.LAST,
    data: Annotated[str | None, Option(help="other data than the run's own: a source's name or a path")] = None,
    data_dir: Annotated[Path | None, Option(help="the folder the source lies in")] = None,
    as_json: Annotated[bool, Option("--json", help="one JSON object on stdout")] = False,
) -> None:
    """Score a run's checkpoint on its test set."""
    from archcompile.train.evaluate import evaluate as score

    found = score(run, which=checkpoint.value, data=data, data_dir=data_dir)
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        chosen = " (chosen on the test set)" if found["chosen_on"] else ""
        print(f"test loss {found['test_loss']:.4f}, test accuracy {found['test_accuracy']:.4f}  "
              f"epoch {found['epoch']}{chosen}  [{found['dataset']}]")  # fmt: skip
