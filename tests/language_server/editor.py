"""An editor of the tests: a client of pytest-lsp that remembers which text findings are about."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

SERVER = [sys.executable, "-m", "archcompile", "lsp"]
WAIT = 300  # seconds for an answer before the server counts as hung


class Editor:
    """Open files with their texts and versions; places are written as words of the text."""

    def __init__(self, client: LanguageClient):
        self.client = client
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self.published: list[types.PublishDiagnosticsParams] = []
        self.registered: list[str] = []
        self.capabilities = types.ServerCapabilities()
        self._news = asyncio.Event()

    def take(self, params: types.PublishDiagnosticsParams) -> None:
        self.published.append(params)
        self._news.set()

    def note_registrations(self, params: types.RegistrationParams) -> None:
        self.registered += [registration.method for registration in params.registrations]

    def listen(self) -> None:
        """Takes what the server says by itself; pygls marks functions, not methods."""
        takers: dict[str, Callable[[Any], None]] = {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: self.take,
            types.CLIENT_REGISTER_CAPABILITY: self.note_registrations,
            types.WORKSPACE_INLAY_HINT_REFRESH: lambda params: None,
            types.WORKSPACE_CODE_LENS_REFRESH: lambda params: None,
        }
        self.client.protocol.fm._features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        for method, take in takers.items():
            self.client.feature(method)(partial(take))

    # ---- texts -----------------------------------------------------------------------------------

    def open(self, file: Path, text: str | None = None) -> None:
        self.texts[file] = file.read_text() if text is None else text
        self.versions[file] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(
                    uri=file.as_uri(), language_id="yaml", version=1, text=self.texts[file]
                )
            )
        )

    def change(self, file: Path, text: str) -> None:
        self.texts[file] = text
        self.versions[file] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(
                    uri=file.as_uri(), version=self.versions[file]
                ),
                content_changes=[types.TextDocumentContentChangeWholeDocument(text=text)],
            )
        )

    def save(self, file: Path) -> None:
        file.write_text(self.texts[file])
        identifier = types.TextDocumentIdentifier(uri=file.as_uri())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))

    def close(self, file: Path) -> None:
        identifier = types.TextDocumentIdentifier(uri=file.as_uri())
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    # ---- findings --------------------------------------------------------------------------------

    async def findings(self, file: Path) -> list[types.Diagnostic]:
        """What is published about the newest text of a file, once all of it is known."""
        while True:
            about = [
                params
                for params in self.published
                if params.uri == file.as_uri() and params.version == self.versions[file]
            ]
            if about:
                return list(about[-1].diagnostics)
            await self.wait()

    async def wait(self) -> None:
        """Until something more is published."""
        self._news.clear()
        await asyncio.wait_for(self._news.wait(), WAIT)

    # ---- questions -------------------------------------------------------------------------------

    async def ask(self, method: str, file: Path, **parameters: Any) -> Any:
        """The answer to a request about a file; `at` is a place as `place` takes it,
        and `number` that of the request, to cancel it."""
        if "at" in parameters:
            parameters["position"] = self.place(file, parameters.pop("at"))
        number = parameters.pop("number", None)
        kind = types.METHOD_TO_TYPES[method][2]
        identifier = types.TextDocumentIdentifier(uri=file.as_uri())
        question = self.client.protocol.send_request_async(
            method, kind(text_document=identifier, **parameters), number
        )
        return await asyncio.wait_for(question, WAIT)

    async def begin(self, method: str, file: Path, **parameters: Any) -> asyncio.Task[Any]:
        """A request that has been sent, with its number, and is not waited for."""
        task = asyncio.ensure_future(self.ask(method, file, **parameters))
        while parameters["number"] not in self.client.protocol._request_futures:
            await asyncio.sleep(0)
        return task

    def place(self, file: Path, words: str) -> types.Position:
        """Where `|` stands in words that the text has once, when the bar is taken out."""
        text = self.texts[file]
        before, _, behind = words.partition("|")
        assert text.count(before + behind) == 1, f"{words!r} is not there once"
        start = text.index(before + behind) + len(before)
        line_start = text.rfind("\n", 0, start) + 1
        character = len(text[line_start:start].encode("utf-16-le")) // 2
        return types.Position(line=text.count("\n", 0, start), character=character)

    def words(self, file: Path, place: types.Range) -> str:
        """What stands in a range."""
        return self.texts[file][self.offset(file, place.start) : self.offset(file, place.end)]

    def offset(self, file: Path, position: types.Position) -> int:
        lines = self.texts[file].split("\n")
        before = sum(len(line) + 1 for line in lines[: position.line])
        units = lines[position.line].encode("utf-16-le")[: position.character * 2]
        return before + len(units.decode("utf-16-le"))

    def apply(self, file: Path, edits: list[types.TextEdit]) -> str:
        """The text with edits, which do not overlap."""
        text = self.texts[file]
        for edit in sorted(edits, key=lambda e: self.offset(file, e.range.start), reverse=True):
            start, end = self.offset(file, edit.range.start), self.offset(file, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text


@asynccontextmanager
async def editing(
    folder: Path,
    command: Sequence[str] = SERVER,
    *,
    encodings: Sequence[str] = (),
    shows_markdown: bool = True,
    tells_of_files: bool = True,
) -> AsyncIterator[Editor]:
    """An editor with a server of its own; at the end it takes leave."""
    capabilities = client_capabilities("visual-studio-code")
    capabilities.general.position_encodings = list(encodings) or None
    if not shows_markdown:
        formats = [types.MarkupKind.PlainText]
        capabilities.text_document.hover.content_format = formats
        capabilities.text_document.completion.completion_item.documentation_format = formats
    if not tells_of_files:
        capabilities.workspace.did_change_watched_files = None
    client = make_test_lsp_client()
    editor = Editor(client)
    editor.listen()
    await client.start_io(*command)
    try:
        answer = await client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                workspace_folders=[types.WorkspaceFolder(uri=folder.as_uri(), name="tests")],
            )
        )
        editor.capabilities = answer.capabilities
        yield editor
        await asyncio.wait_for(client.shutdown_session(), WAIT)
    finally:
        server = client._server
        if server and server.returncode is None:
            server.kill()  # a test has failed
        await client.stop()
