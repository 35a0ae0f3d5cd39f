"""A dialog that asks for a name, and how an error is told."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from archcompile.errors import ArchError


def tell(error: ArchError) -> None:
    """An error, for some seconds."""
    ui.notify(error.message + (f": {error.hint}" if error.hint else ""), multi_line=True)


def ask_name(title: str, words: str, act: Callable[[str], Any], *, value: str = "") -> None:
    """A dialog with a name; `act` gets it, and may refuse with an ArchError."""

    async def go() -> None:
        try:
            result = act(name.value.strip())
            if result is not None:
                await result
            dialog.close()
        except ArchError as error:
            problem.text = error.message + (f": {error.hint}" if error.hint else "")

    with ui.dialog(value=True) as dialog, ui.card().classes("ask"):
        ui.label(title).classes("title")
        ui.label(words).classes("calm")
        name = ui.input("name", value=value).props("dense outlined autofocus")
        name.on("keydown.enter", go)
        problem = ui.label().classes("trouble")
        with ui.row():
            ui.button("Write it", on_click=go).props("flat no-caps")
            ui.button("Cancel", on_click=dialog.close).props("flat no-caps")
