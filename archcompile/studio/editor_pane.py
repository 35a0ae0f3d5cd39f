"""The editor, and below it what is to be mended. Its properties are never set once it is shown."""

from typing import TYPE_CHECKING

from nicegui import ui

from archcompile.studio.findings_pane import FindingsPane

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage


class EditorPane:
    """CodeMirror, and the list of findings."""

    def __init__(self, page: "StudioPage"):
        with ui.element("section").classes("writing").props('aria-label="The text"'):
            self.editor = ui.codemirror(
                page.studio.draft.text,
                language="YAML",
                theme="vscodeLight",
                indent="  ",
                line_wrapping=True,
                on_change=lambda event: page.type(event.value),
            ).classes("text")
            self.findings = FindingsPane(page)
        page.call("connectEditor", self.editor.id, page.studio.draft.file.name)
