"""The core works in one thread, on what is asked in its order; outdated questions are dropped.

So the connection stays free to read: a newer text or a cancellation arrives while an answer is
worked out, and the core never sees two threads.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from archcompile.editor import Analysis, Workspace
from archcompile.language_server.documents import Document, Documents

Answer = TypeVar("Answer")
Question = Callable[[Workspace, Analysis], Answer]


class Outdated(Exception):
    """The text has changed since the question: its answer would mislead."""


class Desk:
    def __init__(self, documents: Documents):
        self._documents = documents
        self._workspace = Workspace()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archc-core")

    def open(self, document: Document) -> None:
        """The text of a file, which is opened or has changed."""
        self._thread.submit(self._workspace.open, document.file, document.text)

    def close(self, document: Document) -> None:
        self._thread.submit(self._workspace.close, document.file)

    async def ask(self, document: Document, question: Question[Answer]) -> Answer:
        """The answer to a question about a text. Raises Outdated, also before it is worked out."""

        def work() -> Answer:
            self._check(document)
            # again, so that no answer can be about another text, whatever went wrong before
            self._workspace.open(document.file, document.text)
            return question(self._workspace, self._workspace.analyse(document.file))

        answer = await asyncio.wrap_future(self._thread.submit(work))
        self._check(document)
        return answer

    def stop(self) -> None:
        """Drops what still waits."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _check(self, document: Document) -> None:
        if not self._documents.is_current(document):
            raise Outdated
