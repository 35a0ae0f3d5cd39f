"""What an editor asks about a spec that is right, by the protocol."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archcompile.shipped import shipped_folder
from tests.language_server.editor import Editor, editing
from tests.language_server.test_mistakes import RIGHT

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIBRARY = shipped_folder() / "blocks" / "residual.yaml"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    async with editing(tmp_path_factory.mktemp("requests")) as running:
        yield running
        assert running.client.log_messages == [] and running.client.messages == []


@pytest.fixture
def file(editor: Editor, tmp_path: Path) -> Path:
    """A spec that is open and saved."""
    result = tmp_path / "net.yaml"
    result.write_text(RIGHT)
    editor.open(result)
    return result


@pytest.mark.parametrize(
    ("at", "words", "facts"),
    [
        ("co|nv: {filters: 16", "conv", ("32×32×3", "432 parameters", "Conv2D(filters=16")),
        ("s|2: {", "s2", ("projection", "16×16×32")),
        ("ba|sic, repeat: $n, filters: 32", "basic", ("`stride`", "residual.yaml")),
        ("$|classes", "classes", ("10",)),
        ("ker|nel", "kernel", ("Size of the window",)),
        ("shortcut: pro|jection", "projection", ("1x1 conv",)),
    ],
)
async def test_hover(
    editor: Editor, file: Path, at: str, words: str, facts: tuple[str, ...]
) -> None:
    answer = await editor.ask(types.TEXT_DOCUMENT_HOVER, file, at=at)
    assert editor.words(file, answer.range) == words
    assert answer.contents.kind == types.MarkupKind.Markdown
    assert all(fact in answer.contents.value for fact in facts), answer.contents.value


async def test_hover_over_nothing(editor: Editor, file: Path) -> None:
    editor.change(file, RIGHT + "\n\n# the end\n")
    assert await editor.ask(types.TEXT_DOCUMENT_HOVER, file, at="the |end") is None


async def test_inlay_hints(editor: Editor, file: Path) -> None:
    """Only those of the lines that are on the screen."""
    place = types.Range(types.Position(6, 0), types.Position(11, 99))
    hints = await editor.ask(types.TEXT_DOCUMENT_INLAY_HINT, file, range=place)
    lines = RIGHT.split("\n")
    assert {hint.position.line for hint in hints} == {6, 7, 8, 10, 11}
    behind = [hint for hint in hints if hint.position.character == len(lines[hint.position.line])]
    assert [hint.label for hint in behind] == ["→ 32×32×16"] * 4 + ["→ 16×16×32"]
    assert all(hint.padding_left for hint in hints)


@pytest.mark.parametrize(
    ("at", "offered", "inserted"),
    [
        ("|head:", "about", "about: "),
        ("{filters: 16, |kernel", "stride", "stride: "),
        ("- |bn", "global_avg_pool", "global_avg_pool"),
        ("block: |basic, repeat: $n, filters: 32", "bottleneck", "bottleneck"),
        ("shortcut: |projection", "identity", "identity"),
        ("$|classes", "depth", "depth"),
        ("activation: |softmax", "sigmoid", "sigmoid"),
        ("[|blocks/residual.yaml]", "blocks/conv.yaml", "blocks/conv.yaml"),
    ],
)
async def test_completion(editor: Editor, file: Path, at: str, offered: str, inserted: str) -> None:
    answer = await editor.ask(types.TEXT_DOCUMENT_COMPLETION, file, at=at)
    assert not answer.is_incomplete
    (item,) = [item for item in answer.items if item.label == offered]
    assert item.text_edit.new_text == inserted
    place = editor.place(file, at)
    assert item.text_edit.range.start <= place <= item.text_edit.range.end
    assert item.kind is not types.CompletionItemKind.Text
    ranks = [item.sort_text for item in answer.items]
    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks)


async def test_the_first_key_of_an_empty_file(editor: Editor, file: Path) -> None:
    editor.change(file, "")
    place = types.Position(0, 0)
    answer = await editor.ask(types.TEXT_DOCUMENT_COMPLETION, file, position=place)
    assert "archc" in [item.label for item in answer.items]


@pytest.mark.parametrize(
    ("at", "target", "words"),
    [
        ("$|classes", None, "classes"),
        ("ba|sic, repeat: $n, filters: 32", LIBRARY, "basic"),
        ("shortcut: pro|jection", LIBRARY.with_name("shortcuts.yaml"), "projection"),
        ("blocks/res|idual", LIBRARY, None),
    ],
)
async def test_definition(
    editor: Editor, file: Path, at: str, target: Path | None, words: str | None
) -> None:
    """Also into what ships, which is not open."""
    (place,) = await editor.ask(types.TEXT_DOCUMENT_DEFINITION, file, at=at)
    assert place.uri == (target or file).as_uri()
    lines = (target or file).read_text().split("\n")
    first, last = place.range.start, place.range.end
    marked = lines[first.line][first.character : last.character]
    assert words is None or marked == words


async def test_references(editor: Editor, file: Path) -> None:
    for is_with, lines in ((True, [2, 10, 11]), (False, [10, 11])):
        context = types.ReferenceContext(include_declaration=is_with)
        places = await editor.ask(
            types.TEXT_DOCUMENT_REFERENCES, file, at="repeat: $|n, filters: 16", context=context
        )
        assert sorted(place.range.start.line for place in places) == lines


async def test_what_would_be_renamed(editor: Editor, file: Path) -> None:
    """The name without its `$`; of a word that is no name, nothing."""
    answer = await editor.ask(types.TEXT_DOCUMENT_PREPARE_RENAME, file, at="$|classes")
    assert editor.words(file, answer.range) == answer.placeholder == "classes"
    assert await editor.ask(types.TEXT_DOCUMENT_PREPARE_RENAME, file, at="- b|n") is None


async def test_rename(editor: Editor, file: Path) -> None:
    """The change belongs to a version, so that an editor refuses it if the text has changed."""
    edit = await editor.ask(types.TEXT_DOCUMENT_RENAME, file, at="$|classes", new_name="labels")
    (change,) = edit.document_changes
    assert change.text_document == types.OptionalVersionedTextDocumentIdentifier(
        uri=file.as_uri(), version=1
    )
    renamed = editor.apply(file, change.edits)
    assert renamed == RIGHT.replace("classes", "labels")


@pytest.mark.parametrize(
    ("at", "new_name", "reason"),
    [
        ("ba|sic, repeat: $n, filters: 32", "mine", "ships with archc"),
        ("$|classes", "depth", "depth"),
        ("$|classes", "a b", "a b"),
    ],
)
async def test_a_rename_that_cannot_be(
    editor: Editor, file: Path, at: str, new_name: str, reason: str
) -> None:
    with pytest.raises(JsonRpcException, match=reason) as refused:
        await editor.ask(types.TEXT_DOCUMENT_RENAME, file, at=at, new_name=new_name)
    assert refused.value.code == types.LSPErrorCodes.RequestFailed


async def test_code_actions(editor: Editor, file: Path) -> None:
    """What the help says, as a change of the text that was asked about; elsewhere there is none."""
    editor.change(file, RIGHT.replace("- bn", "- bnn"))
    context = types.CodeActionContext(diagnostics=[])
    place = types.Range(types.Position(7, 0), types.Position(7, 0))
    (action,) = await editor.ask(
        types.TEXT_DOCUMENT_CODE_ACTION, file, range=place, context=context
    )
    assert action.kind == types.CodeActionKind.QuickFix and action.is_preferred
    assert [finding.code for finding in action.diagnostics] == ["unknown-step"]
    (change,) = action.edit.document_changes
    assert change.text_document.version == 2
    assert editor.apply(file, change.edits) == RIGHT
    elsewhere = types.Range(types.Position(8, 0), types.Position(9, 0))
    assert not await editor.ask(
        types.TEXT_DOCUMENT_CODE_ACTION, file, range=elsewhere, context=context
    )
    only = types.CodeActionContext(
        diagnostics=[], only=[types.CodeActionKind.SourceOrganizeImports]
    )
    assert not await editor.ask(types.TEXT_DOCUMENT_CODE_ACTION, file, range=place, context=only)


async def test_symbols(editor: Editor, file: Path) -> None:
    symbols = await editor.ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, file)
    by_name = {symbol.name: symbol for symbol in symbols}
    assert [child.name for child in by_name["stages"].children] == ["s1", "s2"]
    assert editor.words(file, by_name["stages"].selection_range) == "stages"
    for symbol in symbols:
        assert symbol.range.start <= symbol.selection_range.start
        assert symbol.selection_range.end <= symbol.range.end


async def test_folds(editor: Editor, file: Path) -> None:
    folds = await editor.ask(types.TEXT_DOCUMENT_FOLDING_RANGE, file)
    assert (9, 11) in [(fold.start_line, fold.end_line) for fold in folds]


async def test_the_lens_compares(editor: Editor, file: Path) -> None:
    """With the saved text; where that is the same, with the committed one."""
    (lens,) = await editor.ask(types.TEXT_DOCUMENT_CODE_LENS, file)
    assert "depth 14" in lens.command.title and "(" not in lens.command.title
    commit(file)
    wide = RIGHT.replace("filters: 32", "filters: 64")
    editor.change(file, wide)
    (unsaved,) = await editor.ask(types.TEXT_DOCUMENT_CODE_LENS, file)
    assert "211,706 parameters (+144,576)" in unsaved.command.title
    editor.save(file)
    (saved,) = await editor.ask(types.TEXT_DOCUMENT_CODE_LENS, file)
    assert saved.command.title == unsaved.command.title, "now beside what is committed"
    editor.change(file, wide.replace("filters: 64", "filters: 63"))
    (again,) = await editor.ask(types.TEXT_DOCUMENT_CODE_LENS, file)
    assert "(-" in again.command.title or "(−" in again.command.title


def commit(file: Path) -> None:
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
    for words in (("init", "-q"), ("add", file.name), (*identity, "commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=file.parent, check=True)
