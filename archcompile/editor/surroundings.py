"""What a file sees of itself and others: parents, libraries, and what is defined in them.

All of it is read from words, so a file that is half written has its surroundings, too.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from archcompile.editor.answers import Place
from archcompile.editor.slots import Slot, slot_at
from archcompile.editor.words import Path as WordPath
from archcompile.editor.words import Reading, Word, read_words
from archcompile.errors import ArchError, Location
from archcompile.limits import MAX_CHAIN
from archcompile.spec.expressions import shape_facts
from archcompile.spec.language import SHELVES, Reach
from archcompile.spec.loading import ReadText

MOST_LIBRARIES = 100


@dataclass(frozen=True, slots=True)
class SourceFile:
    path: Path
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentForm:
    """An argument as its definition has it: a type, a default or words to choose from."""

    name: str
    word: Word
    written: str  # the type word or the default
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A block or a rule as it is written."""

    name: str
    shelf: str
    file: Path
    word: Word
    about: str
    arguments: Mapping[str, ArgumentForm] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()  # the names of several

    @property
    def facts_of_inputs(self) -> tuple[str, ...]:
        """The facts of the shapes of further inputs."""
        return tuple(fact for name in self.inputs[1:] for fact in shape_facts(name))

    @property
    def place(self) -> Place:
        return Place(self.file, self.word.span)


@dataclass(frozen=True)
class Surroundings:
    """The file itself, its parents, the nearest first, and the libraries of all of them.

    `users` has the file and the path of the entry that brought each file in.
    """

    chain: tuple[SourceFile, ...]
    libraries: tuple[SourceFile, ...]
    users: Mapping[Path, tuple[Path, WordPath]]

    def way_in(self, file: Path) -> WordPath | None:
        """The path of the file's entry that brings another file in, at whatever remove."""
        user, path = self.users.get(file.resolve(), (file, None))
        while path and user.resolve() in self.users:
            user, path = self.users[user.resolve()]
        return path

    @property
    def files(self) -> tuple[SourceFile, ...]:
        return (*self.chain, *self.libraries)

    @cached_property
    def definitions(self) -> Mapping[str, Mapping[str, Definition]]:
        """Blocks and rules by shelf and name; those of the nearest file first."""
        shelves: dict[str, dict[str, Definition]] = {shelf: {} for shelf in SHELVES}
        for file in self.files:
            for shelf in SHELVES:
                for name in file.reading.children.get((shelf,), ()):
                    word = file.reading.keys.get((shelf, name))
                    if word and word.text not in shelves[shelf]:
                        shelves[shelf][word.text] = _definition(file, shelf, word)
        return shelves

    def definition(self, shelf: str, name: str) -> Definition | None:
        return self.definitions.get(shelf, {}).get(name)

    @cached_property
    def variables(self) -> Mapping[str, tuple[Place, str]]:
        """Where each variable is written, the nearest file first, and what is written there."""
        variables: dict[str, tuple[Place, str]] = {}
        for file, name in self._keys_below("vars"):
            word = file.reading.keys[("vars", name)]
            text = file.reading.text_at("vars", name) or ""
            variables.setdefault(name, (Place(file.path, word.span), text))
        return variables

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The names of stages, the parent's first."""
        names: dict[str, list[str]] = {}
        for file, name in self._keys_below("stages"):
            names.setdefault(str(file.path), []).append(name)
        return tuple(dict.fromkeys(name for each in reversed(names.values()) for name in each))

    def _keys_below(self, key: str) -> Iterator[tuple[SourceFile, str]]:
        for file in self.chain:
            for name in file.reading.children.get((key,), ()):
                if (key, name) in file.reading.keys and isinstance(name, str):
                    yield file, name

    def block_of(self, row: WordPath) -> str:
        """The block that a stage's row uses, as the nearest file says."""
        texts = (file.reading.text_at(*row, "block") for file in self.chain)
        return next((text for text in texts if text), "")

    def definition_at(self, file: Path, line: int) -> Definition | None:
        """The block or rule that a line of a file belongs to."""
        definitions = (each for shelf in self.definitions.values() for each in shelf.values())
        above = [
            each for each in definitions if each.file == file and each.word.span.start.line <= line
        ]
        return max(above, key=lambda each: each.word.span, default=None)

    def slot(self, path: WordPath) -> Slot:
        """What may stand at a path of the file."""
        return slot_at(path, self.block_of)

    def step_kind(self, part: str, point: str) -> str:
        """The op or block of a named step of a part, where the nearest parent names it."""
        for file in self.chain:
            for word in file.reading.values.values():
                is_name = word.path[-1:] == ("name",) and word.text == point
                if is_name and word.path[0] in (part, "stages") and len(word.path) > 2:
                    return str(word.path[-2])
        return ""


def _definition(file: SourceFile, shelf: str, word: Word) -> Definition:
    reading, path = file.reading, word.path
    arguments = {}
    for argument in reading.children.get((*path, "args"), ()):
        key = reading.keys.get((*path, "args", argument))
        if key:
            arguments[key.text] = _argument(reading, key)
    return Definition(
        name=word.text,
        shelf=shelf,
        file=file.path,
        word=word,
        about=reading.text_at(*path, "about") or "",
        arguments=arguments,
        inputs=_texts(reading, (*path, "inputs")),
    )


def _texts(reading: Reading, path: WordPath) -> tuple[str, ...]:
    """The words of a list."""
    texts = (reading.text_at(*path, i) for i in range(len(reading.children.get(path, ()))))
    return tuple(text for text in texts if text)


def _argument(reading: Reading, word: Word) -> ArgumentForm:
    return ArgumentForm(
        name=word.text,
        word=word,
        written=reading.text_at(*word.path) or "",
        options=_texts(reading, (*word.path, "one_of")),
    )


# ---- files ---------------------------------------------------------------------------------------


def look_around(file: Path, text: str, read_file: ReadText) -> Surroundings:
    """The surroundings of a file. Files that cannot be read are left out."""
    reach = Reach.of(file)
    chain = {file.resolve(): SourceFile(file, read_words(text))}
    users: dict[Path, tuple[Path, WordPath]] = {}
    user = file
    parent = _follow(reach, chain[file.resolve()], ("extends",))
    while parent and parent.resolve() not in chain and len(chain) < MAX_CHAIN:
        read = _read(parent, read_file)
        if read is None:
            break
        chain[parent.resolve()] = read
        users[parent.resolve()] = (user, ("extends",))
        user = parent
        parent = _follow(reach, read, ("extends",))
    libraries: dict[Path, SourceFile] = {}
    todo = list(chain.values())
    while todo and len(libraries) < MOST_LIBRARIES:
        source = todo.pop(0)
        for i in range(len(source.reading.children.get(("uses",), ()))):
            library = _follow(reach, source, ("uses", i), shelf="blocks")
            if library is None or library.resolve() in libraries:
                continue
            if read := _read(library, read_file):
                libraries[library.resolve()] = read
                users[library.resolve()] = (source.path, ("uses", i))
                todo.append(read)
    return Surroundings(tuple(chain.values()), tuple(libraries.values()), users)


def _follow(reach: Reach, user: SourceFile, path: WordPath, *, shelf: str = "") -> Path | None:
    """The file that a value of another file names."""
    name = user.reading.text_at(*path)
    if not name:
        return None
    try:
        at = Location(file=str(user.path), line=1, column=1)
        return Path(os.path.abspath(reach.follow(name, user.path, at, shelf=shelf)))
    except ArchError:
        return None


def _read(file: Path, read_file: ReadText) -> SourceFile | None:
    try:
        return SourceFile(file, read_words(read_file(file)))
    except ArchError:
        return None
