"""The rules the code keeps: one order of rooms, no model names, short files, documented ops."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from archcompile.engine import ENGINES
from archcompile.ops import REGISTRY, Input
from tests.trees import (
    FILES,
    PACKAGE,
    files_beside,
    files_of,
    imports,
    imports_of,
    nodes_of,
    tree_of,
    unit,
)

MAX_LINES = 350

# A module imports only from its own row or the rows above it.
LAYERS = [
    {
        *("errors", "error_text", "python_words", "choices", "keras_defaults", "limits"),
        "argument_checks",
        *("terminal", "messages", "explain", "run_files", "data_sources"),
    },
    {"ops", "quiet", "atomic", "shipped"},
    {"spec"},
    {"graph", "outputs"},
    {"analyses", "passes", "recipe"},
    {"keras_model", "keras_config"},
    {"torch_graph"},
    {"source", "drawing"},
    {"verification", "data", "report", "importer"},
    {"api", "authoring"},
    {"engine"},
    {"run_folder"},
    {"inference", "machine"},
    {"training"},
    {"experiments", "exporting"},
    {"interface", "editor"},
    {"language_server"},
    {"bench", "studio"},
    {"cli"},
    {"__main__"},
]
# The same for the rooms within a room.
INNER = {
    "spec": [
        {"yaml"},
        {"expressions"},
        {"language"},
        {"check"},
        {"loading", "expansion"},
        {"schema"},
    ],
    "drawing": [{"figure"}, {"layout"}, {"formats"}],
    "importer": [{"fold"}, {"write"}],
    "engine": [{"tensorflow", "jax"}],
}
RANK = {name: i for i, names in enumerate(LAYERS) for name in names}
# What every room may import without a word.
BOTTOM = LAYERS[0] | {"quiet", "atomic", "shipped", "outputs", "__version__"}
FREE = {"__init__"}  # the package itself: forwards names, lazily


@pytest.mark.parametrize("room", sorted({unit(path) for path in FILES} - FREE))
def test_imports_go_one_way(room: str) -> None:
    assert room in RANK, f"{room} has no place in LAYERS yet"
    for path, line, module in imports_of(room):
        parts = module.split(".")
        if parts[0] != "archcompile":
            continue
        if module == "archcompile.__version__":
            continue
        # the package itself is the interface
        target = parts[1] if parts[1:] and parts[1] in RANK else "api"
        assert RANK[target] <= RANK[room], f"{path.name}:{line}: {room} must not import {module}"


ROOMS = {
    ".".join(["archcompile", *path.parent.relative_to(PACKAGE).parts])
    for path in PACKAGE.rglob("__init__.py")
} - {"archcompile"}
ENTRY = "archcompile.cli.main.main"  # what `python -m archcompile` and the script `archc` call


def own_room(path: Path) -> str:
    return ".".join(["archcompile", *path.parent.relative_to(PACKAGE).parts])


@pytest.mark.parametrize("unit_name", sorted({unit(path) for path in FILES}))
def test_rooms_import_what_other_rooms_offer(unit_name: str) -> None:
    """`from archcompile.graph import Node`, not from the file in that room where it stands."""
    for path, line, module in imports_of(unit_name):
        room = module.rpartition(".")[0]
        offered = (
            room in ROOMS
            or room.count(".") == 0
            or (PACKAGE.parent / f"{room.replace('.', '/')}.py").parent == PACKAGE
        )
        assert (
            not module.startswith("archcompile.")
            or room == own_room(path)
            or offered
            or module == ENTRY
            or (room.rpartition(".")[0] == own_room(path))
        ), f"{path.name}:{line}: import what {room} offers in its __init__.pyi, not {module}"


def test_trainings_know_no_framework() -> None:
    """They ask `open_engine`; only benchmarks measure the parts of one engine.

    And no engine knows another.
    """
    rooms = {f"archcompile.engine.{name}" for name in ENGINES}
    for path in FILES:
        if unit(path) == "bench" or path.name == "engines.py":
            continue
        for line, module in imports(tree_of(path)):
            room = ".".join(module.split(".")[:3])
            assert room not in rooms - {own_room(path)}, f"{path}:{line}: {module}"


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_room_says_what_is_in_it(room: str) -> None:
    """What it offers has another name than its modules: an import could give either of two."""
    folder = PACKAGE.parent / room.replace(".", "/")
    docstring = ast.get_docstring(tree_of(folder / "__init__.py"))
    assert docstring, f"{room}/__init__.py says what is inside"
    assert re.search(r"\b[Ii]mports?\b", docstring), f"{room}/__init__.py says what it may import"
    gives = re.search(r"\b([Gg]ives?|[Oo]ffers|imports it)\b", docstring)
    assert gives, f"{room}/__init__.py says what it gives to others"
    stub = folder / "__init__.pyi"
    modules = {path.stem for path in folder.iterdir()}
    for node in ast.walk(ast.parse(stub.read_text())) if stub.exists() else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            both = {alias.name for alias in node.names} & modules
            assert not both, f"{room} offers a name that is also a module of it: {both}"


def folder_of(room: str) -> Path:
    return PACKAGE.parent / room.replace(".", "/")


def home_of(module: str, homes: set[str]) -> str:
    """The innermost of these rooms and root modules that a module lies in."""
    return max((home for home in homes if f"{module}.".startswith(f"{home}.")), key=len)


@cache
def rooms_of_imports(path: Path) -> frozenset[str]:
    """The rooms and root modules that a file imports, those for type checkers included."""
    modules = {
        f"{node.module}.{alias.name}"
        for node in nodes_of(tree_of(path))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("archcompile")
        for alias in node.names
    }
    homes = ROOMS | {".".join(module.split(".")[:2]) for module in modules}
    return frozenset(home_of(module, homes) for module in modules)


def imported_rooms(files: Iterable[Path]) -> set[str]:
    return {room for path in files for room in rooms_of_imports(path)}


def is_among(room: str, rooms: set[str]) -> bool:
    """Whether a room, or a room within it, is among these."""
    return any(f"{name}.".startswith(f"{room}.") for name in rooms)


def is_within(room: str, rooms: set[str]) -> bool:
    """Whether a room is one of these, or lies in one."""
    return any(f"{room}.".startswith(f"{name}.") for name in rooms)


def named_rooms(room: str) -> set[str]:
    """The rooms that a room's docstring names: in full, by their last name, or beside it."""
    docstring = ast.get_docstring(tree_of(folder_of(room) / "__init__.py"))
    modules = {path.stem for path in folder_of(room).glob("*.py")}
    words = set(re.findall(r"`([a-z_.]+)`", str(docstring))) - modules
    beside = room.rpartition(".")[0]
    places = {f"{place}.{word}" for word in words for place in ("archcompile", beside, room)}
    return (words | places) & (ROOMS | {"archcompile.api"}) - {room}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_that_a_docstring_names_are_those_of_its_imports(room: str) -> None:
    """Each is imported, imports this room, or lies in it; and what is imported is named.

    `cli` may import everything; what stands at the bottom needs no word.
    """
    named, folder = named_rooms(room), folder_of(room)
    imports_below = imported_rooms(folder.rglob("*.py"))
    for name in named:
        within = f"{name}.".startswith(f"{room}.") or f"{room}.".startswith(f"{name}.")
        receivers = imported_rooms((*folder_of(name).rglob("*.py"), *PACKAGE.glob(f"{name}.py")))
        assert within or is_among(name, imports_below) or is_among(room, receivers), (
            f"{room} neither imports {name} nor gives it anything, but its docstring names it"
        )
    imports = {name for name in imported_rooms(folder.glob("*.py")) if name != room}
    unnamed = {
        name
        for name in imports
        if name.split(".")[1] not in BOTTOM
        and not name.startswith(f"{room}.")
        and not is_within(name, named)
    }
    assert unit(folder) == "cli" or not unnamed, f"{room}/__init__.py names what is imported"


@pytest.mark.parametrize("room", INNER)
def test_imports_within_a_room_go_one_way(room: str) -> None:
    rank = {name: i for i, names in enumerate(INNER[room]) for name in names}
    assert rank.keys() == {path.parent.name for path in (PACKAGE / room).glob("*/__init__.py")}
    for path in sorted((PACKAGE / room).glob("*/*.py")):
        for line, module in imports(tree_of(path)):
            parts = module.split(".")
            if parts[:2] == ["archcompile", room] and parts[2] in rank:
                assert rank[parts[2]] <= rank[path.parent.name], f"{path.name}:{line}: {module}"


FRAMEWORKS = {
    "tensorflow",
    "keras",
    "numpy",
    "matplotlib",
    "PIL",
    "networkx",
    "resvg_py",
    "sklearn",
    "safetensors",
}
PURE = LAYERS[0] | {
    "atomic",
    "shipped",
    "ops",
    "spec",
    "graph",
    "outputs",
    "analyses",
    "passes",
    "recipe",
    "source",
    "drawing",
    "api",
    "cli",
    "authoring",
    "editor",
}


def imports_at_the_top(path: Path) -> set[str]:
    """The packages that are imported whenever a file is."""
    body = tree_of(path).body
    top = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return {module.split(".")[0] for _, module in imports(ast.Module(top, []))}


@pytest.mark.parametrize("room", sorted(PURE))
def test_the_pure_part_imports_no_framework_at_the_top(room: str) -> None:
    for path in files_of(room):
        assert not imports_at_the_top(path) & FRAMEWORKS, f"{path}: import frameworks inside"


def test_python_knows_no_model_and_no_block() -> None:
    words = ("resnet", "bottleneck", "densenet", "vgg")
    pattern = re.compile("|".join(words), re.IGNORECASE)
    actual = [
        f"{path.name}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert actual == []


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (*FILES, *files_beside())}
    long = {str(path): count for path, count in lengths.items() if count > MAX_LINES}
    assert long == {}, f"a file has at most {MAX_LINES} lines"


def test_every_op_says_what_it_is() -> None:
    for op in (*REGISTRY.values(), Input):
        assert op.__doc__ and op.__doc__ != op.__mro__[1].__doc__, op.__name__
        assert op.__doc__.strip()[-1] in ".)", f"{op.__name__}: a sentence"


def test_no_eval_no_pickle_and_no_shell() -> None:
    """Specs are untrusted, and so are data.

    Two files are fenced: the reader of CIFAR's pickles allows the few names that it needs, and the
    reader of printed source runs a closed grammar.
    """
    for path in FILES:
        for node in nodes_of(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                fenced = path.name == "read_back.py" and node.func.id == "exec"
                assert fenced or node.func.id not in ("eval", "exec", "__import__"), (
                    f"{path.name}:{node.lineno}"
                )
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("os.system", "os.popen"), (
                    f"{path.name}:{node.lineno}"
                )
                assert all(k.arg != "shell" for k in node.keywords), f"{path.name}:{node.lineno}"
        for line, module in imports(tree_of(path)):
            if module.split(".")[0] in ("pickle", "marshal", "shelve"):
                assert path.name == "unpickle.py", f"{path.name}:{line}"


def test_no_assert_stands_in_for_an_error() -> None:
    """Asserts help the type checker where another place holds the fact. They should stay few."""
    actual = [
        f"{path.name}:{node.lineno}"
        for path in FILES
        for node in nodes_of(tree_of(path))
        if isinstance(node, ast.Assert)
    ]
    assert len(actual) <= 20, actual
