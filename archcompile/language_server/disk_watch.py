"""Changes on the disk, for an editor that does not tell of them."""

import asyncio
from collections.abc import Callable

from archcompile.editor import Analysis
from archcompile.language_server.desk import Desk, Outdated
from archcompile.language_server.documents import Documents

PAUSE = 1.0  # seconds between looks at the files that open ones use


async def watch_disk(
    desk: Desk, documents: Documents, tell: Callable[[], None], report: Callable[[Exception], None]
) -> None:
    """Tells whenever what an open text uses has changed, until it is cancelled."""
    known: dict[str, Analysis] = {}
    while True:
        await asyncio.sleep(PAUSE)
        try:
            now = await _analyses(desk, documents)
        except Exception as error:  # a mistake of our own, and the last look
            report(error)
            return
        if any(_has_other_files(now[each], known.get(each)) for each in now):
            tell()
        known = now


async def _analyses(desk: Desk, documents: Documents) -> dict[str, Analysis]:
    """What is known of each open text: another analysis once a file that it has read changes."""
    analyses = {}
    for document in documents:
        try:
            analyses[document.address] = await desk.ask(document, lambda _, analysis: analysis)
        except Outdated:
            continue
    return analyses


def _has_other_files(now: Analysis, before: Analysis | None) -> bool:
    return before is not None and before is not now and before.text == now.text
