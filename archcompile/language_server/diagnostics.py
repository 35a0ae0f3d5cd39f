"""Findings, published whenever a text has changed: those of the text alone, then all of them."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from lsprotocol import types

from archcompile.editor import Analysis, Finding, Workspace, find_problems
from archcompile.language_server.desk import Desk, Outdated
from archcompile.language_server.documents import Document
from archcompile.language_server.wording import Wording
from archcompile.language_server.yaml_of_archc import is_ours

Send = Callable[[types.PublishDiagnosticsParams], None]
Report = Callable[[str, Exception], None]


class Publisher:
    """Sends findings to the editor; `report` is told of a mistake of our own."""

    def __init__(self, desk: Desk, send: Send, report: Report):
        self._desk = desk
        self._send = send
        self._report = report
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, documents: Iterable[Document], wording: Wording) -> None:
        """Looks at texts, one after the other."""
        for document in documents:
            task = asyncio.get_running_loop().create_task(self._publish(document, wording))
            self._tasks.add(task)  # the loop itself keeps no task alive
            task.add_done_callback(self._tasks.discard)

    def clear(self, document: Document) -> None:
        """Takes the findings of a file that is closed away."""
        self._send(types.PublishDiagnosticsParams(uri=document.address, diagnostics=[]))

    async def _publish(self, document: Document, wording: Wording) -> None:
        if not is_ours(document.text):
            self._send_all(document, [])
            return
        try:
            alone = await self._desk.ask(document, _findings_of_text(document.file, wording))
            if alone:
                self._send_all(document, alone)
                return  # with a mistake in the text there is no graph
            everything = await self._desk.ask(document, _all_findings(document.file, wording))
            self._send_all(document, everything)
        except Outdated:
            return  # the newer text has a task of its own
        except Exception as error:
            self._report("diagnostics", error)

    def _send_all(self, document: Document, diagnostics: list[types.Diagnostic]) -> None:
        self._send(
            types.PublishDiagnosticsParams(
                uri=document.address, version=document.version, diagnostics=diagnostics
            )
        )


Question = Callable[[Workspace, Analysis], list[types.Diagnostic]]


def _findings_of_text(file: Path, wording: Wording) -> Question:
    return lambda workspace, analysis: _word_findings(analysis.text_findings, file, wording)


def _all_findings(file: Path, wording: Wording) -> Question:
    return lambda workspace, analysis: _word_findings(find_problems(analysis), file, wording)


def _word_findings(
    findings: tuple[Finding, ...], file: Path, wording: Wording
) -> list[types.Diagnostic]:
    """All but remarks, which are true of good specs too: `archc validate -v` has them."""
    reported = (finding for finding in findings if finding.severity != "note")
    return [wording.diagnostic(finding, file) for finding in reported]
