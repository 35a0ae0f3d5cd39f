"""The server itself: what it offers, what it leaves alone, how it fails, and how it ends."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archcompile.language_server.disk_watch import PAUSE
from archcompile.language_server.plain_words import plain_words
from archcompile.shipped import shipped_files
from tests.command_line import Archc
from tests.language_server.editor import SERVER, WAIT, editing
from tests.language_server.test_mistakes import RIGHT

# a server whose hover fails and prints, and whose completion waits for a file
PREPARED = """
import sys, time
from pathlib import Path
from archcompile.language_server import features
from archcompile.language_server.connection import serve

def fail(request, params):
    print("Content-Length: 5")
    raise ZeroDivisionError("planted")

def wait(request, params):
    Path(sys.argv[1], "begun").touch()
    while not Path(sys.argv[1], "gate").exists():
        time.sleep(0.01)

for method, function in (("hover", fail), ("completion", wait)):
    name = f"textDocument/{method}"
    features.FEATURES[name] = (function, features.FEATURES[name][1])
sys.exit(not serve())
"""
# a server that writes what it does beside answering into a file
WATCHED = """
import sys
log = open(sys.argv[1], "w", buffering=1)
EVENTS = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "urllib.")
sys.addaudithook(lambda event, given: event.startswith(EVENTS) and print(event, given, file=log))
from archcompile.language_server import serve
serve()
"""


def frame(**message: object) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


# ---- what it offers ------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_what_an_editor_is_told(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        offered = editor.capabilities
        sync = offered.text_document_sync
        assert isinstance(sync, types.TextDocumentSyncOptions)
        assert sync.open_close and sync.save and sync.change == types.TextDocumentSyncKind.Full
        for name in (
            *("hover", "inlay_hint", "completion", "definition", "references", "rename"),
            *("code_action", "document_symbol", "folding_range", "code_lens"),
        ):
            assert getattr(offered, f"{name}_provider"), name
        assert offered.rename_provider == types.RenameOptions(prepare_provider=True)
        assert (
            offered.execute_command_provider is None
            or not offered.execute_command_provider.commands
        )
        while not editor.registered:
            await asyncio.sleep(0.01)
        assert editor.registered == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]


@pytest.mark.asyncio
async def test_an_editor_that_counts_in_bytes(tmp_path: Path) -> None:
    """Helix and newer ones choose; a letter of two bytes stands before the mistake."""
    file = tmp_path / "net.yaml"
    async with editing(tmp_path, encodings=["utf-8", "utf-16"]) as editor:
        assert editor.capabilities.position_encoding == types.PositionEncodingKind.Utf8
        editor.open(file, "archc: 1\ninput: [8, 8, 3]\nstem: [relu: {name: é, alpha: 1}]\n")
        finding = (await editor.findings(file))[-1]
        assert finding.range.start == types.Position(line=2, character=24)


@pytest.mark.asyncio
async def test_an_editor_that_shows_no_markdown(tmp_path: Path) -> None:
    """Emacs without a mode for it: words, tables and code stand without their signs."""
    file = tmp_path / "net.yaml"
    async with editing(tmp_path, shows_markdown=False) as editor:
        editor.open(file, RIGHT)
        hovers = {
            at: await editor.ask(types.TEXT_DOCUMENT_HOVER, file, at=at)
            for at in ("co|nv: {filters: 16", "ba|sic, repeat: $n, filters: 32")
        }
        offers = await editor.ask(types.TEXT_DOCUMENT_COMPLETION, file, at="- |bn")
    step, block = (hover.contents for hover in hovers.values())
    assert step.kind == block.kind == types.MarkupKind.PlainText
    assert "32×32×3 → 32×32×16" in step.value and "\nkeras.layers.Conv2D(" in step.value
    assert "filters: int, must be given" in block.value
    documentation = [item.documentation for item in offers.items if item.documentation]
    assert {words.kind for words in documentation} == {types.MarkupKind.PlainText}


def test_plain_words() -> None:
    table = "| layer | in |\n|---|--:|\n| a\\_b | **2×2** |"
    assert plain_words(table) == "| layer | in |\n| a_b | 2×2 |"
    assert plain_words("`**x`: **y**\n\n```python\nf(**k)\n```") == "**x: y\n\nf(**k)"


@pytest.mark.asyncio
@pytest.mark.parametrize("tells_of_files", [True, False], ids=["told", "by itself"])
async def test_other_programs_change_a_library(tells_of_files: bool, tmp_path: Path) -> None:
    """An editor may tell of it; Neovim before 0.10 does not."""
    library, spec = tmp_path / "lib.yaml", tmp_path / "net.yaml"
    library.write_text("archc: 1\nblocks: {unit: [relu]}\n")
    spec.write_text("archc: 1\nuses: [lib.yaml]\ninput: [8, 8, 3]\nstages: {s1: {block: unit}}\n")
    async with editing(tmp_path, tells_of_files=tells_of_files) as editor:
        editor.open(spec)
        assert await editor.findings(spec) == []
        if not tells_of_files:
            await asyncio.sleep(2 * PAUSE)  # it has looked once
        for text, mistakes in (("[rleu]", 1), ("[relu, relu]", 0)):
            library.write_text(f"archc: 1\nblocks: {{unit: {text}}}\n")
            if tells_of_files:
                change = types.FileEvent(uri=library.as_uri(), type=types.FileChangeType.Changed)
                parameters = types.DidChangeWatchedFilesParams(changes=[change])
                editor.client.workspace_did_change_watched_files(parameters)
            while len(await editor.findings(spec)) != mistakes:
                await editor.wait()
        assert editor.client.log_messages == []


# ---- what it leaves alone ------------------------------------------------------------------------

FOREIGN = "services:\n  web:\n    image: x\n    ports: ['80:80', {]\n"


@pytest.mark.asyncio
async def test_other_files(tmp_path: Path) -> None:
    """What ships is right, a mistake in a recipe is shown, and other YAML is left alone."""
    async with editing(tmp_path) as editor:
        for kind in ("library", "recipe", "experiment", "template"):
            for file in shipped_files(kind).values():
                editor.open(file)
                findings = await editor.findings(file)
                errors = [f for f in findings if f.severity == types.DiagnosticSeverity.Error]
                assert errors == [], file
        recipe = tmp_path / "recipe.yaml"
        editor.open(recipe, "archc: 1\nbatch_size: 0\nepochs: 3\n")
        assert (await editor.findings(recipe))[0].range.start.line == 1
        foreign = tmp_path / "compose.yaml"
        editor.open(foreign, FOREIGN)
        assert await editor.findings(foreign) == []
        for method in (types.TEXT_DOCUMENT_HOVER, types.TEXT_DOCUMENT_COMPLETION):
            assert await editor.ask(method, foreign, at="im|age") is None
        assert await editor.ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, foreign) is None
        never_opened = tmp_path / "no.yaml"
        assert await editor.ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, never_opened) is None
        assert editor.client.log_messages == []


@pytest.mark.asyncio
async def test_it_runs_nothing_and_opens_no_connection(tmp_path: Path) -> None:
    """Git may be asked for what is committed; nothing else is started."""
    log, file = tmp_path / "log", tmp_path / "net.yaml"
    async with editing(tmp_path, [sys.executable, "-c", WATCHED, str(log)]) as editor:
        editor.open(file, RIGHT)
        assert await editor.findings(file) == []
        await editor.ask(types.TEXT_DOCUMENT_HOVER, file, at="glo|bal")
        await editor.ask(types.TEXT_DOCUMENT_COMPLETION, file, at="glo|bal")
        await editor.ask(types.TEXT_DOCUMENT_CODE_LENS, file)
    allowed = ("socket.__new__", "subprocess.Popen ('git'")  # the loop's own pair of sockets
    assert [line for line in log.read_text().splitlines() if not line.startswith(allowed)] == []


# ---- how it fails --------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_failure_is_told_once_and_ends_nothing(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    async with editing(tmp_path, [sys.executable, "-c", PREPARED, str(tmp_path)]) as editor:
        editor.open(file, RIGHT)
        for _ in range(2):
            assert await editor.ask(types.TEXT_DOCUMENT_HOVER, file, at="glo|bal") is None
        (message,) = editor.client.messages
        assert "ZeroDivisionError: planted" in message.message and "report it" in message.message
        assert len(editor.client.log_messages) == 2
        editor.change(file, RIGHT.replace("- bn", "- bnn"))
        assert [f.code for f in await editor.findings(file)] == ["unknown-step"]


@pytest.mark.asyncio
async def test_a_newer_text_outdates_an_answer(tmp_path: Path) -> None:
    """While one is worked out a request behind it can be cancelled, and never begins."""
    file = tmp_path / "net.yaml"
    async with editing(tmp_path, [sys.executable, "-c", PREPARED, str(tmp_path)]) as editor:
        editor.open(file, RIGHT)
        await editor.findings(file)
        slow = await editor.begin(types.TEXT_DOCUMENT_COMPLETION, file, at="glo|bal", number="slow")
        while not (tmp_path / "begun").exists():
            await asyncio.sleep(0.01)
        editor.change(file, RIGHT.replace("- bn", "- bnn"))
        folds = await editor.begin(types.TEXT_DOCUMENT_FOLDING_RANGE, file, number="folds")
        editor.change(file, RIGHT)
        behind = await editor.begin(
            types.TEXT_DOCUMENT_HOVER, file, at="glo|bal", number="cancelled"
        )
        editor.client.cancel_request(types.CancelParams(id="cancelled"))
        with pytest.raises(JsonRpcException) as refused:
            await behind  # so the changes have been read, too
        assert refused.value.code == types.LSPErrorCodes.RequestCancelled
        (tmp_path / "gate").touch()
        for question in (slow, folds):
            with pytest.raises(JsonRpcException) as refused:
                await question
            assert refused.value.code == types.LSPErrorCodes.ContentModified
        assert await editor.findings(file) == []
        assert editor.client.messages == [], "the hover that was cancelled has not run"


def test_nonsense_is_skipped() -> None:
    """Also a message that is no JSON, one that lacks what it needs, and one before the greeting."""
    nonsense = b"Content-Length: 5\r\n\r\n{{{{{" + frame(id=1, method="textDocument/hover")
    early = frame(method="textDocument/didOpen", params={"textDocument": {"uri": 3}})
    unknown = frame(id=2, method="archc/nothing", params={})
    done = subprocess.run(
        SERVER,
        input=nonsense + early + unknown + frame(id=3, method="shutdown") + frame(method="exit"),
        capture_output=True,
        timeout=WAIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b'"id": 3' in done.stdout


# ---- how it ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(id=1, method="shutdown") + frame(method="exit"), 0),
        (frame(method="exit"), 1),
        (b"", 1),  # the editor has died
    ],
    ids=["farewell", "exit alone", "end of input"],
)
def test_the_end(sent: bytes, code: int) -> None:
    done = subprocess.run(SERVER, input=sent, capture_output=True, timeout=WAIT, check=False)
    assert (done.returncode, done.stderr) == (code, b"")
    assert done.stdout == b"" or done.stdout.startswith(b"Content-Length: ")


def test_a_missing_package(archc: Archc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    done = archc("lsp", "--stdio")
    assert done.code == 3
    assert "pip install 'archcompile[lsp]'" in done.err and done.out == ""


def test_no_framework_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys; from archcompile.language_server import serve; serve();"
        "sys.exit(repr({'tensorflow', 'keras', 'numpy', 'networkx'} & set(sys.modules)) )"
    )
    text = {"uri": (tmp_path / "x.yaml").as_uri(), "languageId": "yaml", "version": 1}
    opened = frame(method="textDocument/didOpen", params={"textDocument": {**text, "text": RIGHT}})
    hello = frame(id=1, method="initialize", params={"capabilities": {}, "processId": os.getpid()})
    hover = frame(
        id=2,
        method="textDocument/hover",
        params={
            "textDocument": {"uri": text["uri"]},
            "position": {"line": 6, "character": 6},
        },
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=hello + opened + hover,
        capture_output=True,
        timeout=WAIT,
        check=False,
    )
    assert done.stderr.strip() == b"set()"
