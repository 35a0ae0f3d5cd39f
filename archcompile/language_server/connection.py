"""The connection: stdin and stdout belong to the protocol, and to nothing else."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from archcompile import __version__
from archcompile.errors import MissingError

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from archcompile.language_server.conversation import Session
    from archcompile.language_server.features import Feature


def serve() -> bool:
    """Answers an editor until it leaves; whether it said goodbye first. Raises MissingError."""
    try:
        import pygls  # noqa: F401 - is it there?
    except ImportError as error:
        raise MissingError(
            "the language server needs pygls, which is not installed",
            hint="pip install 'archcompile[lsp]'",
        ) from error
    # what the library tells of the protocol is no message for people
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    with _protocol_alone() as (stdin, stdout):
        return _ends_well(stdin, stdout)


def _ends_well(stdin: BinaryIO, stdout: BinaryIO) -> bool:
    from lsprotocol import types
    from pygls.lsp.server import LanguageServer

    from archcompile.language_server.conversation import Session

    server = LanguageServer(
        "archc", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
    )
    session = Session(server)
    _register(server, session)
    try:
        server.start_io(stdin, stdout)
    finally:
        session.stop()
    return session.is_over


def _register(server: "LanguageServer", session: "Session") -> None:
    from lsprotocol import types

    from archcompile.language_server.features import FEATURES

    taken: dict[str, Callable[[Any], None]] = {
        types.INITIALIZED: session.watch_files,
        types.TEXT_DOCUMENT_DID_OPEN: session.open,
        types.TEXT_DOCUMENT_DID_CHANGE: session.change,
        types.TEXT_DOCUMENT_DID_SAVE: session.look_again,
        types.TEXT_DOCUMENT_DID_CLOSE: session.close,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: session.look_again,
        types.SHUTDOWN: session.end,
    }
    for method, take in taken.items():
        server.feature(method)(_handle_notice(session, take))
    for method, (feature, options) in FEATURES.items():
        server.feature(method, options)(_handle_question(session, feature))


def _handle_notice(session: "Session", take: Callable[[Any], None]) -> Callable[[Any], None]:
    """What an editor tells; a mistake of ours is reported, and the next message is read."""

    def handle(params: Any) -> None:
        try:
            take(params)
        except Exception as error:
            session.report(take.__name__, error)

    return handle


def _handle_question(session: "Session", feature: "Feature") -> Callable[[Any], Any]:
    async def handle(params: Any) -> Any:
        return await session.answer(feature, params)

    return handle


@contextmanager
def _protocol_alone() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Streams of the protocol; whatever else prints goes to stderr, for the editor's log."""
    sys.stdout.flush()
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    try:
        yield stdin, stdout
    finally:
        for stream in (stdin, stdout):
            with suppress(OSError):  # the editor may be gone
                stream.close()
