"""From a file to a Spec: read with all it extends and uses, settings applied, names checked."""

import re
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path

from archcompile.errors import UsageError
from archcompile.limits import MAX_NAME
from archcompile.spec.check import check_names, check_uses, mistakes_at_use
from archcompile.spec.expressions import EXPRESSION_WORDS
from archcompile.spec.language import (
    BLOCK_INPUT,
    FILE_NAME,
    NAME,
    NAMES,
    SHELVES,
    Block,
    Part,
    Problems,
    Reach,
    Spec,
    SpecFile,
    build,
    check_recipe,
    find_spec,
    read_allowed,
)
from archcompile.spec.loading.blocks import read_block, read_stage
from archcompile.spec.loading.chain import FileChain, Loader, ReadText, Shelf, entries_of
from archcompile.spec.loading.command_settings import apply
from archcompile.spec.loading.steps import read_steps
from archcompile.spec.loading.vocabulary import PLACE_KEYS, POINTS, Words, facts_of
from archcompile.spec.yaml import Entry, Map, Scalar, fail, plain, read_stdin, read_text


def load(spec: str | Path, sets: Sequence[str] = ()) -> Spec:
    """The spec that a file, a shipped name or `-` (stdin) means, with `K=V` settings applied.

    Raises UsageError (not found, not a setting), SpecError (all mistakes that need no values).
    """
    _check_is_name(spec)
    if str(spec) == "-":
        stdin = Path("stdin")
        chain = Loader(Reach.of(stdin)).read_text(read_stdin(), stdin)
        return _finish(chain, "stdin", sets)
    path = find_spec(str(spec))
    return _finish(Loader(Reach.of(path)).read(path), path.stem, sets)


def _check_is_name(spec: object) -> None:
    """Raises UsageError for a spec itself in place of its name."""
    is_name = isinstance(spec, str | PathLike)
    if not is_name or "\n" in str(spec):
        raise UsageError(
            "expected a spec file or the name of a shipped spec, got "
            + ("the text of a spec" if is_name else f"a value of type {type(spec).__name__}"),
            hint="`archcompile.compile_text` takes a spec as text"
            + ("" if is_name else "; a run has its network in `.graph`"),
        )


def from_text(
    text: str,
    file: str = "spec.yaml",
    sets: Sequence[str] = (),
    *,
    read_file: ReadText = read_text,
) -> Spec:
    """A spec given as text; `extends` and `uses` reach what ships with archc.

    `read_file` gives the texts of other files.
    """
    path = Path(file)
    return _finish(Loader(Reach.of(path), read_file).read_text(text, path), path.stem, sets)


def _finish(chain: FileChain, stem: str, sets: Sequence[str]) -> Spec:
    """The spec of a merged file. Raises SpecError with all mistakes that need no values."""
    tree = _with_settings(chain, sets)
    blocks, rules, parts = _read_contents(tree, chain)
    with mistakes_at_use(chain.extends_at):
        chain.problems.raise_any()
    written = plain(chain.name.value) if chain.name else None  # `name:` without a value is none
    name = (written or _name_of(stem)) + "".join(f"-{_suffix(setting)}" for setting in sets)
    return Spec(
        name=name[:MAX_NAME],
        file=chain.file,
        tree=tree,
        blocks=blocks,
        rules=rules,
        parts=parts,
        expect=chain.expect,
        sets=tuple(sets),
        name_at=chain.name.value.at if chain.name and written else None,
        parent=chain.parent,
        extends_at=chain.extends_at,
        changed=tuple(chain.changed),
    )


def _with_settings(chain: FileChain, sets: Sequence[str]) -> Map:
    """The merged tree with settings applied; its own blocks and rules join the shelf."""
    tree = chain.tree
    for text in sets:
        tree = apply(tree, text)
    if chain.about:
        tree = Map({"about": chain.about, **tree.entries}, tree.at)
    tree = tree.without("uses")
    for shelf in SHELVES:
        for name, entry in entries_of(tree, shelf):
            chain.shelf.put(shelf, name, entry)
    return tree


def _read_contents(
    tree: Map, chain: FileChain
) -> tuple[dict[str, Block], dict[str, Block], tuple[Part, ...]]:
    """Blocks, rules and parts; mistakes in them are noted in `chain.problems`."""
    shelf, problems = chain.shelf, chain.problems
    names = shelf.names("blocks")
    # else a part that seems to be missing may be there under a wrong key
    is_whole = not problems.diagnostics
    blocks = _definitions(shelf, "blocks", Words(blocks=names, is_in_block=True), problems=problems)
    rules = _definitions(
        shelf, "shortcuts", Words(blocks=names, is_in_rule=True), problems=problems
    )
    problems.attempt(_check_top, tree, is_whole)
    attempts = [problems.attempt(read) for read in _parts(tree, Words(blocks=names))]
    parts = [part for part in attempts if part]
    problems.attempt(_check_points, parts)
    defaults = tree.get("defaults")
    check_uses(
        blocks,
        rules,
        parts,
        defaults=defaults if isinstance(defaults, Map) else None,
        shortcut=tree.get("shortcut"),
        broken=set(shelf.names("shortcuts")) - set(rules),
        problems=problems,
    )
    check_names(tree, blocks.values(), rules.values(), parts=parts, problems=problems)
    return blocks, rules, tuple(parts)


def _name_of(stem: str) -> str:
    """A file's stem as the name of a spec: what is not allowed there becomes `_`."""
    name = re.sub(r"[^a-zA-Z0-9_.+-]", "_", stem)
    return name if re.fullmatch(FILE_NAME, name[:MAX_NAME]) else f"spec{name}"


def _suffix(setting: str) -> str:
    return re.sub(r"[^a-zA-Z0-9.]+", "_", setting).strip("_")[:40]


def _definitions(shelf: Shelf, kind: str, words: Words, *, problems: Problems) -> dict[str, Block]:
    definitions: dict[str, Block] = {}
    for name in shelf.names(kind):
        entry = shelf.entries[kind, name]
        block = problems.attempt(read_block, name, entry.value, entry.at, words=words)
        if block:
            definitions[name] = block
    return definitions


def _check_top(tree: Map, is_whole: bool) -> None:
    """Raises SpecError for the keys of a spec; none is missed unless the tree `is_whole`."""
    if is_whole and "input" not in tree:
        raise fail(
            "missing-key", "a spec needs 'input'", tree.at, hint="for instance `input: [32, 32, 3]`"
        )
    if is_whole and not any(key in tree for key in ("stem", "stages", "head")):
        raise fail("missing-key", "a spec needs a 'stem', 'stages' or a 'head'", tree.at)
    read_allowed(tree.get("allow"))
    version = Entry(Scalar(1, tree.at), tree.at)
    build(SpecFile, Map({"archc": version, **tree.entries}, tree.at), "a spec")
    check_recipe(tree)
    reserved = (
        *facts_of(Words(blocks=(), is_in_rule=True)),
        *SpecFile.model_fields,
        *PLACE_KEYS,
        BLOCK_INPUT,
        *EXPRESSION_WORDS,
    )
    problems = Problems()
    for name, entry in entries_of(tree, "vars"):
        problems.attempt(_check_variable, name, entry, reserved)
    problems.raise_any()


def _check_variable(name: str, entry: Entry, reserved: Sequence[str]) -> None:
    if name in reserved:
        raise fail(
            "reserved-name",
            f"a variable cannot be called '{name}'",
            entry.at,
            hint="it is a word of the language",
        )
    if isinstance(entry.value, Map):
        raise fail("wrong-type", f"the variable '{name}' cannot be a map", entry.value.at)


def _check_points(parts: Sequence[Part]) -> None:
    """Raises SpecError for a step that is called like a part: `from` could mean either."""
    names = {part.name: part.at for part in parts}
    for part in parts:
        for step in part.steps():
            for name in names.keys() & set(step.names()):
                raise fail(
                    "defined-twice",
                    f"a step cannot have the name of a part, '{name}'",
                    step.at,
                    hint="choose another name",
                    notes=(("the part", names[name]),),
                )


def _parts(tree: Map, words: Words) -> Iterable[Callable[[], Part]]:
    """How each part is read, in order; reading may fail, and then only that part is missing."""

    def steps(key: str) -> Callable[[], Part]:
        entry = tree.entries[key]
        return lambda: Part(key, read_steps(entry.value, f"the {key}", words), entry.at)

    def stage(name: str, entry: Entry) -> Callable[[], Part]:
        def read() -> Part:
            if name in (*POINTS, "stem", "head") or not re.fullmatch(NAME, name):
                hint = "choose another name" if name in (*POINTS, "stem", "head") else NAMES[NAME]
                raise fail(
                    "reserved-name", f"a stage cannot be called '{name}'", entry.at, hint=hint
                )
            return Part(name, read_stage(entry.value, name, entry.at, words=words), entry.at)

        return read

    if "stem" in tree:
        yield steps("stem")
    for name, entry in entries_of(tree, "stages"):
        yield stage(name, entry)
    if "head" in tree:
        yield steps("head")


def check_library(path: Path, read_file: ReadText = read_text) -> None:
    """Raises SpecError with the mistakes in a library and in those it uses."""
    loader = Loader(Reach.of(path), read_file)
    loader.library(path)
    problems = loader.problems
    names = loader.shelf.names("blocks")
    blocks = _definitions(
        loader.shelf, "blocks", Words(blocks=names, is_in_block=True), problems=problems
    )
    rules = _definitions(
        loader.shelf, "shortcuts", Words(blocks=names, is_in_rule=True), problems=problems
    )
    broken = set(loader.shelf.names("shortcuts")) - set(rules)
    check_uses(blocks, rules, (), defaults=None, shortcut=None, broken=broken, problems=problems)
    problems.raise_any()
