"""What a file was before: saved, where the editor has changed it since; else committed."""

from archcompile.editor import Analysis, Workspace, committed_text
from archcompile.errors import ArchError
from archcompile.language_server.documents import Document
from archcompile.spec.yaml import read_text


class EarlierTexts:
    """Analyses of earlier texts; the other files that these use are as on the disk."""

    def __init__(self) -> None:
        self._workspace = Workspace()

    def analyse(self, document: Document) -> Analysis | None:
        """The analysis of the text before this one, or None where there is none that differs."""
        text = _earlier_text(document)
        if text is None:
            return None
        self._workspace.open(document.file, text)
        return self._workspace.analyse(document.file)


def _earlier_text(document: Document) -> str | None:
    try:
        saved = read_text(document.file)
    except ArchError:
        return None
    if saved != document.text:
        return saved
    committed = committed_text(document.file)
    return committed if committed != document.text else None
