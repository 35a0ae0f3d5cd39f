"""Random edits of what ships, key by key and faster than they are answered."""

import asyncio
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archcompile.editor import Workspace, find_problems, outline
from archcompile.language_server.yaml_of_archc import fits_first_key, is_ours
from archcompile.shipped import shipped_files, shipped_specs
from tests.language_server.editor import Editor, editing

SPECS = "resnet_v1 alexnet keras_xception densenet_bc_100_12 resnet_50_fpn highway_19".split()  # noqa: SIM905
WORDS = (
    "conv: {filters: 8, kernel: 3}",
    "- relu\n",
    "$(depth / 2)",
    "$",
    "stages:\n  s1: {block: basic, repeat: 2, filters: 8}",
    "from: stem",
    "'",
    "𝔛é\u2028",
    "\t",
    "{[",
    ": ",
    "#",
    "uses: [blocks/residual.yaml]\n",
    "\0",
)
ASKED: dict[str, dict[str, Any]] = {
    types.TEXT_DOCUMENT_HOVER: {},
    types.TEXT_DOCUMENT_COMPLETION: {},
    types.TEXT_DOCUMENT_DEFINITION: {},
    types.TEXT_DOCUMENT_REFERENCES: {"context": types.ReferenceContext(include_declaration=True)},
    types.TEXT_DOCUMENT_FOLDING_RANGE: {},
    types.TEXT_DOCUMENT_CODE_LENS: {},
    types.TEXT_DOCUMENT_INLAY_HINT: {},
    types.TEXT_DOCUMENT_CODE_ACTION: {"context": types.CodeActionContext(diagnostics=[])},
}
AT_A_PLACE = tuple(ASKED)[:4]
AT_A_RANGE = (types.TEXT_DOCUMENT_INLAY_HINT, types.TEXT_DOCUMENT_CODE_ACTION)
AT_ONCE = 10  # keys that are pressed before anything is waited for
MEGABYTES = 24  # that a server may grow by, once it has seen all files


def keys(text: str, chance: random.Random) -> Iterator[str]:
    """The texts that follow one another as someone types, deletes, and takes all back."""
    right = text
    while True:
        if chance.random() < 0.3:
            text = right
            yield text
        at = chance.randrange(len(text) + 1)
        if chance.random() < 0.5:
            for _ in range(min(at, chance.randrange(1, 12))):
                text = text[: at - 1] + text[at:]
                at -= 1
                yield text
        else:
            for letter in chance.choice(WORDS):
                text = text[:at] + letter + text[at:]
                at += 1
                yield text


class Typist:
    """Types, asks without waiting, and looks at what comes back."""

    def __init__(self, editor: Editor, file: Path, chance: random.Random):
        self.editor, self.file, self.chance = editor, file, chance
        self.texts: dict[int, str] = {}
        self.outlines: list[tuple[str, asyncio.Task[Any]]] = []
        self.questions: list[asyncio.Task[Any]] = []

    async def press(self, text: str) -> None:
        self.editor.change(self.file, text)
        self.texts[self.editor.versions[self.file]] = text
        if self.chance.random() < 0.3:
            task = await self._ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, {})
            self.outlines.append((text, task))
        else:
            method = self.chance.choice(list(ASKED))
            self.questions.append(await self._ask(method, self._parameters(method)))

    async def _ask(self, method: str, parameters: dict[str, Any]) -> asyncio.Task[Any]:
        """A request that is on its way before the next key is pressed."""
        number = f"{self.file.name}:{self.editor.versions[self.file]}"
        return await self.editor.begin(method, self.file, number=number, **parameters)

    def _parameters(self, method: str) -> dict[str, Any]:
        line = self.chance.randrange(self.editor.texts[self.file].count("\n") + 2)
        place = types.Position(line=line, character=self.chance.randrange(40))
        more = {"position": place} if method in AT_A_PLACE else {}
        if method in AT_A_RANGE:
            more["range"] = types.Range(types.Position(0, 0), place)
        return ASKED[method] | more

    async def look(self) -> int:
        """Waits for all answers and for the findings; the number of outlines that were looked at.

        Each answer is about the text that was asked about, else the editor is told that it is none.
        """
        answers = await asyncio.gather(*self.questions, return_exceptions=True)
        assert all(is_outdated(answer) for answer in answers if isinstance(answer, Exception))
        looked_at = 0
        for text, task in self.outlines:
            (answer,) = await asyncio.gather(task, return_exceptions=True)
            if not is_outdated(answer):
                assert [symbol.name for symbol in answer or ()] == outline_of(self.file, text)
                looked_at += 1
        await self.editor.findings(self.file)
        for params in self.editor.published:
            if params.uri == self.file.as_uri() and params.version in self.texts:
                codes = [finding.code for finding in params.diagnostics]
                assert codes == codes_of(self.file, self.texts[params.version])
        self.texts.clear(), self.outlines.clear(), self.questions.clear()
        return looked_at


def is_outdated(answer: object) -> bool:
    """Whether an editor is told that its text has changed since it asked."""
    modified = types.LSPErrorCodes.ContentModified
    return isinstance(answer, JsonRpcException) and answer.code == modified


def outline_of(file: Path, text: str) -> list[str]:
    if not fits_first_key(text):
        return []
    workspace = Workspace()
    workspace.open(file, text)
    return [symbol.name or "?" for symbol in outline(workspace.analyse(file))]


def codes_of(file: Path, text: str) -> list[str]:
    if not is_ours(text):
        return []
    workspace = Workspace()
    workspace.open(file, text)
    findings = find_problems(workspace.analyse(file))
    return [finding.code for finding in findings if finding.severity != "note"]


def resident(pid: int) -> int:
    """The memory of a process in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


async def type_much(folder: Path, files: list[Path], edits: int, seed: int) -> None:
    chance = random.Random(seed)
    looked_at, sizes = 0, []
    async with editing(folder) as editor:
        server = editor.client._server
        assert server
        for shipped in files:
            file = folder / shipped.name
            file.write_text(shipped.read_text())
            editor.open(file)
            typist = Typist(editor, file, chance)
            pressed = islice(keys(file.read_text(), chance), edits // len(files))
            for count, text in enumerate(pressed):
                await typist.press(text)
                if count % AT_ONCE == AT_ONCE - 1:
                    looked_at += await typist.look()
            looked_at += await typist.look()
            editor.close(file)
            sizes.append(resident(server.pid))
        assert editor.client.log_messages == [] and editor.client.messages == []
    assert looked_at > edits // 100, "a server that drops every answer would pass, too"
    middle = len(sizes) // 2
    assert max(sizes[middle:]) - max(sizes[:middle]) < MEGABYTES, sizes


@pytest.mark.asyncio
async def test_keys(tmp_path: Path) -> None:
    await type_much(tmp_path, [shipped_specs()[name] for name in SPECS], 150, seed=0)


@pytest.mark.thorough
@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(5))
async def test_many_keys(tmp_path: Path, seed: int) -> None:
    """5,000 in all, of specs, libraries, recipes and experiments."""
    kinds = ("spec", "library", "recipe", "experiment")
    every = [path for kind in kinds for path in shipped_files(kind).values()]
    chosen = random.Random(seed).sample(every, 20)
    await type_much(tmp_path, chosen, 1000, seed=seed)
