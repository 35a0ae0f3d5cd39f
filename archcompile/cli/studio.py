"""`archc studio` and `archc watch`: a page that answers while a spec is written."""

from pathlib import Path
from typing import Annotated

import typer

from archcompile.cli.completion import complete_specs
from archcompile.cli.options import SPEC_FILE

RunsFolder = Annotated[
    Path, typer.Option("--runs", metavar="DIR", help="The folder of runs that the page shows.")
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, metavar="N", help="Port. Default: the first free one."),
]
Browser = Annotated[
    bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
]


def studio(
    spec: Annotated[
        str | None,
        typer.Argument(
            metavar="SPEC",
            help=f"{SPEC_FILE} Default: a new one.",
            autocompletion=complete_specs,
            show_default=False,
        ),
    ] = None,
    runs: RunsFolder = Path("runs"),
    port: Port = None,
    browser: Browser = True,
) -> None:
    """Write a spec in the browser, beside its drawing and costs.

    The page is for this machine alone, and reads and writes nothing but the spec's own folder. A
    shipped spec is opened as a copy. Needs the extra `studio`.
    """
    from archcompile.cli.console import say
    from archcompile.studio import StudioRequest, start

    request = StudioRequest(spec=spec, runs=runs, port=port, starts_browser=browser)
    start(request, say=say)


def watch(
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help=SPEC_FILE, autocompletion=complete_specs)
    ],
    runs: RunsFolder = Path("runs"),
    port: Port = None,
    browser: Browser = True,
) -> None:
    """Follow a spec on disk in the browser.

    It is the page of `archc studio` without its editor, for those who write in one of their own.
    Needs the extra `studio`.
    """
    from archcompile.cli.console import say
    from archcompile.studio import StudioRequest, start

    request = StudioRequest(
        spec=spec, runs=runs, port=port, is_watching=True, starts_browser=browser
    )
    start(request, say=say)
