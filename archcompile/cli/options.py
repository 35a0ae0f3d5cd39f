"""Options that several commands have."""

from typing import Annotated

import typer

MaxNodes = Annotated[
    int, typer.Option("--max-nodes", metavar="N", min=1, help="The most layers a network may have.")
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Warnings, and claims that --set made untrue, are errors too."),
]
