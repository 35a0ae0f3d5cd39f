"""One editor and its open files: texts are kept, questions are put to the core and answered."""

import asyncio
import sys
import traceback
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException
from pygls.lsp.server import LanguageServer

from archcompile.editor import Analysis, Workspace
from archcompile.errors import ArchError
from archcompile.language_server.desk import Desk, Outdated
from archcompile.language_server.diagnostics import Publisher
from archcompile.language_server.disk_watch import watch_disk
from archcompile.language_server.documents import Document, Documents
from archcompile.language_server.earlier_texts import EarlierTexts
from archcompile.language_server.features import Feature, Request
from archcompile.language_server.wording import Wording
from archcompile.language_server.yaml_of_archc import fits_first_key

BUG = "a bug in archc, please report it with the spec and the server's log (stderr)"


class Session:
    """What `server` is told and asked goes through here; no mistake in here ends it."""

    def __init__(self, server: LanguageServer):
        self._server = server
        self._documents = Documents()
        self._desk = Desk(self._documents)
        self._publisher = Publisher(
            self._desk,
            send=server.text_document_publish_diagnostics,
            report=self.report,
        )
        self._earlier = EarlierTexts()
        self._watch: asyncio.Task[None] | None = None
        self._has_shown_bug = False
        self.is_over = False

    # ---- texts -----------------------------------------------------------------------------------

    def open(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        self._take(self._documents.open(item.uri, item.text, item.version))

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Each change has the whole text, as this server asks for; the last one counts."""
        identifier = params.text_document
        for change in params.content_changes[-1:]:
            self._take(self._documents.change(identifier.uri, change.text, identifier.version))

    def close(self, params: types.DidCloseTextDocumentParams) -> None:
        document = self._documents.close(params.text_document.uri)
        if document:
            self._desk.close(document)
            self._publisher.clear(document)
            self.look_again()

    def look_again(self, params: object = None) -> None:
        """Files have changed on the disk: what is open may use them, or be compared with them."""
        self._publisher.start(tuple(self._documents), self._wording)
        self._refresh()

    def _take(self, document: Document | None) -> None:
        if document:
            self._desk.open(document)
            rest = (each for each in self._documents if each.address != document.address)
            self._publisher.start((document, *rest), self._wording)

    # ---- questions -------------------------------------------------------------------------------

    async def answer(self, feature: Feature, params: Any) -> Any:
        """The answer to a request; none for a file that is no file of archc.

        Raises JsonRpcException where the text has changed meanwhile, or the request cannot be met.
        """
        document = self._documents.get(params.text_document.uri)
        if document is None or not fits_first_key(document.text):
            return None
        wording = self._wording

        def question(workspace: Workspace, analysis: Analysis) -> Any:
            request = Request(
                workspace=workspace,
                analysis=analysis,
                document=document,
                wording=wording,
                earlier=self._earlier,
            )
            return feature(request, params)

        try:
            return await self._desk.ask(document, question)
        except Outdated:
            raise JsonRpcContentModified("the text has changed since") from None
        except ArchError as error:
            hint = f" ({error.hint})" if error.hint else ""
            failed = types.LSPErrorCodes.RequestFailed.value
            raise JsonRpcException(f"{error.message}{hint}", code=failed) from None
        except Exception as error:
            self.report(feature.__name__, error)
            return None

    def report(self, what: str, error: Exception) -> None:
        """A mistake of our own: in the log with all that is known, and once before the user."""
        traceback.print_exception(error, file=sys.stderr)
        words = f"internal error ({what}): {type(error).__name__}: {error}"[:500]
        kind = types.MessageType.Error
        self._server.window_log_message(types.LogMessageParams(type=kind, message=words))
        if not self._has_shown_bug:
            self._has_shown_bug = True
            message = f"{words}. This is {BUG}."
            self._server.window_show_message(types.ShowMessageParams(type=kind, message=message))

    def stop(self) -> None:
        self._desk.stop()

    def end(self, params: object) -> None:
        """The editor takes leave, and asks for nothing more."""
        self.is_over = True
        if self._watch is not None:
            self._watch.cancel()

    # ---- the editor ------------------------------------------------------------------------------

    @property
    def _wording(self) -> Wording:
        encoding = self._server.workspace.position_encoding
        return Wording(
            self._documents,
            str(getattr(encoding, "value", encoding)),
            self._server.client_capabilities,
        )

    def _refresh(self) -> None:
        """Asks the editor to ask again for what it shows between the lines."""
        workspace = self._server.client_capabilities.workspace
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self._server.workspace_inlay_hint_refresh(None)
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self._server.workspace_code_lens_refresh(None)

    def watch_files(self, params: object = None) -> None:
        """Asks the editor to tell of YAML files that change; where it cannot, looks by itself."""
        workspace = self._server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if not watched or not watched.dynamic_registration:
            looking = watch_disk(
                self._desk, self._documents, self.look_again, partial(self.report, "disk")
            )
            self._watch = asyncio.get_running_loop().create_task(looking)
            return
        options = types.DidChangeWatchedFilesRegistrationOptions(
            watchers=[types.FileSystemWatcher(glob_pattern="**/*.{yaml,yml}")]
        )
        registration = types.Registration(
            id="yaml-files",
            method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            register_options=options,
        )
        self._server.client_register_capability(
            types.RegistrationParams(registrations=[registration])
        )
