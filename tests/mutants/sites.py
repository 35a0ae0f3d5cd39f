"""Where one comparison, operator or number of a source file can be changed, and into what.

A mutant is a piece of text put in the place of another, so that all other lines of the file stay as
they are. Annotations and unions of types are left out: nothing reads the former while the program
runs, and no change of the latter lets it start.
"""

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
BOOLEANS = {ast.And: ("and", "or"), ast.Or: ("or", "and")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change of one file: the characters from `start` to `end` become `new`."""

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str
    source_line: str

    @property
    def key(self) -> str:
        """What stays the same while other lines of the file come and go."""
        return f"{self.file}: {self.source_line}: {self.old} -> {self.new}"

    def apply(self, source: str) -> str:
        return source[: self.start] + self.new + source[self.end :]


def mutants(source: str, file: str) -> list[Mutant]:
    """All mutants of a source, in the order of their places."""
    return sorted(_Finder(source, file).all(), key=lambda mutant: (mutant.start, mutant.new))


class _Finder:
    def __init__(self, source: str, file: str):
        self.source, self.file = source, file
        self.lines = source.splitlines(keepends=True)
        self.line_starts = [0]
        for line in self.lines:
            self.line_starts.append(self.line_starts[-1] + len(line))

    def all(self) -> Iterator[Mutant]:
        tree = ast.parse(self.source)
        types = {
            id(inner)
            for node in ast.walk(tree)
            for written in _types(node)
            for inner in ast.walk(written)
        }
        for node in ast.walk(tree):
            if id(node) not in types:
                yield from self.of(node)

    def of(self, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.Compare(left, ops, comparators):
                operands = [left, *comparators]
                for op, before, after in zip(ops, operands, comparators, strict=False):
                    yield from self.between(before, after, COMPARISONS[type(op)])
            case ast.BinOp(left, op, right) if type(op) in OPERATORS:
                yield from self.between(left, right, OPERATORS[type(op)])
            case ast.BoolOp(op, values):
                for before, after in itertools.pairwise(values):
                    yield from self.between(before, after, BOOLEANS[type(op)])
            case ast.UnaryOp(ast.Not() | ast.USub() as op):
                sign = "not " if isinstance(op, ast.Not) else "-"
                yield self.mutant(self.start(node), self.start(node) + len(sign), "")
            case ast.Constant(value) if isinstance(value, int | float) and not isinstance(
                value, bool
            ):
                yield self.mutant(self.start(node), self.end(node), repr(value + 1))

    def between(
        self, before: ast.expr, after: ast.expr, words: tuple[str, str]
    ) -> Iterator[Mutant]:
        """The operator between two operands; nothing where a comment or a bracket hides it."""
        old, new = words
        start, end = self.end(before), self.start(after)
        pattern = r"\s+".join(re.escape(word) for word in old.split())
        if old[0].isalpha():
            pattern = rf"\b{pattern}\b"
        places = list(re.finditer(pattern, self.source[start:end]))
        if len(places) == 1:
            yield self.mutant(start + places[0].start(), start + places[0].end(), new)

    def mutant(self, start: int, end: int, new: str) -> Mutant:
        line = self.source.count("\n", 0, start) + 1
        return Mutant(
            file=self.file,
            line=line,
            start=start,
            end=end,
            old=self.source[start:end],
            new=new,
            source_line=self.lines[line - 1].strip(),
        )

    def start(self, node: ast.AST) -> int:
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.AST) -> int:
        return self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, line: int, column: int) -> int:
        """The place in the text; `ast` counts the columns in bytes of UTF-8."""
        return self.line_starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())


def _types(node: ast.AST) -> Iterator[ast.AST]:
    """The annotations of a node, the types that `isinstance` is asked for, and the type that a name
    of the module stands for.
    """
    match node:
        case ast.arg(annotation=ast.expr() as note) | ast.AnnAssign(annotation=ast.expr() as note):
            yield note
        case ast.FunctionDef(returns=ast.expr() as note):
            yield note
        case ast.Call(ast.Name("isinstance"), [_, types]):
            yield types
        case ast.Assign([ast.Name(name)], ast.BinOp(op=ast.BitOr()) as union) if (
            name[0].isupper() and not name.isupper()
        ):
            yield union
