"""Steps before they are text: kinds, attributes that may be expressions, and wiring by names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archcompile.graph import Node
from archcompile.importer.fold.columns import PAD_BEFORE
from archcompile.importer.fold.node_settings import step_kind
from archcompile.importer.fold.point_names import point_name
from archcompile.importer.fold.series import Fork, Series, Single, Tangle

BRANCHES = ("one", "two", "three", "four", "five", "six", "seven", "eight")
# Names of the point before a branch that a merge ends, and of the point behind the branch.
WORDS = {"multiply": ("features", "gate"), "concat": ("old", "new")}
Values = Callable[[Node], Mapping[str, Any]]  # the attributes of a step, all of them


@dataclass(slots=True, kw_only=True)
class Form:
    """One step. `branches` are lists of steps; `with_`, `source` and `name` are names of points."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    source: str | None = None
    with_: tuple[str, ...] = ()
    branches: "dict[str, list[Form]] | None" = None
    extra: dict[str, Any] = field(default_factory=dict)  # `if`


def branch_name(port: int) -> str:
    return BRANCHES[port] if port < len(BRANCHES) else f"branch_{port + 1}"


def all_forms(forms: "list[Form]") -> Iterator[Form]:
    for form in forms:
        yield form
        for branch in (form.branches or {}).values():
            yield from all_forms(branch)


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes atoms as forms, into one list with one set of names.

    `at` is the name of the point that the next step starts from, where it has one.
    """

    values: Values
    at: str | None = None
    forms: list[Form] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    pinned: Mapping[str, str] = field(default_factory=dict)  # names that nodes must get
    known: Mapping[str, str] = field(default_factory=dict)  # names that nodes of other lists have
    # whether points are called like the layers of the model, where those have names
    keeps_names: bool = False
    outer: "Writer | None" = None  # of the list that a branch starts from
    named: dict[str, str] = field(default_factory=dict)  # the names of nodes, so far

    def write(self, atoms: Series) -> None:
        for atom in atoms:
            if isinstance(atom, Single):
                self.single(atom.node)
            elif isinstance(atom, Fork):
                self.fork(atom)
            else:
                self.tangle(atom)

    def single(self, node: Node) -> None:
        values = dict(self.values(node))
        if PAD_BEFORE in values:
            size, condition = values.pop(PAD_BEFORE)
            self.step(Form(kind="pad", values={"size": size}, extra={"if": condition}))
        self.step(Form(kind=step_kind(node.op), values=values), node)

    def step(self, form: Form, node: Node | None = None) -> None:
        if node is not None and node.name in self.pinned:
            form.name = self.named[node.name] = self.pinned[node.name]
            self.taken.add(form.name)
        self.forms.append(form)
        self.at = form.name

    def point(self, word: str) -> str:
        """A name for where the writing stands."""
        if self.at is None and self.forms:
            self.at = self.forms[-1].name = self.free(word)
        if self.at is None:
            if self.outer is None:
                raise ValueError("a list of steps starts at a point without a name")
            self.at = self.outer.point(word)
        return self.at

    def free(self, word: str) -> str:
        name, count = word, 1
        while name in self.taken:
            count += 1
            name = f"{word}_{count}"
        self.taken.add(name)
        return name

    # ---- forks -----------------------------------------------------------------------------------

    def fork(self, fork: Fork) -> None:
        kind, values = step_kind(fork.node.op), dict(self.values(fork.node))
        bare = [port for port, branch in enumerate(fork.branches) if not branch]
        if len(fork.branches) == 2 and bare:
            self.inline(fork, kind, values, bare=bare[0])
            return
        branches = {}
        for port, branch in enumerate(fork.branches):
            inner = replace(self, at=None, forms=[], outer=self)  # with the same names
            inner.write(branch)
            branches[branch_name(port)] = inner.forms
        self.step(Form(kind=kind, values=values, branches=branches), fork.node)

    def inline(self, fork: Fork, kind: str, values: dict[str, Any], *, bare: int) -> None:
        """A merge of a point and what follows from it, without nesting."""
        before, behind = WORDS.get(kind, ("trunk", "side"))
        start = self.point(before)
        self.write(fork.branches[1 - bare])
        if bare == 1 or not fork.branches[1]:  # or both operands are the point itself
            self.step(Form(kind=kind, values=values, with_=(start,)), fork.node)
        else:
            self.step(
                Form(kind=kind, values=values, source=start, with_=(self.point(behind),)), fork.node
            )

    # ---- tangles ---------------------------------------------------------------------------------

    def tangle(self, tangle: Tangle) -> None:
        """Every node a step; whatever is not read by the next step at once gets a name."""
        referred = _nodes_to_name(tangle)
        names: dict[str, str] = {**self.known, **self.named}
        if tangle.start in referred and tangle.start not in names:
            names[tangle.start] = self.point("trunk")
        previous = tangle.start
        for node in tangle.nodes:
            form = Form(kind=step_kind(node.op), values=dict(self.values(node)))
            if node.inputs[0] != previous:
                form.source = names[node.inputs[0]]
            form.with_ = tuple(names[source] for source in node.inputs[1:])
            if node.name in referred and node.name not in self.pinned:
                name = point_name(node.name, self.taken) if self.keeps_names else None
                form.name = self.free(name or "point")
            self.step(form, node)
            if form.name:
                names[node.name] = form.name
            previous = node.name


def _nodes_to_name(tangle: Tangle) -> set[str]:
    """The nodes that must be named.

    They are read by a step other than the next, or by a merge as a further operand.
    """
    referred: set[str] = set()
    previous = tangle.start
    for node in tangle.nodes:
        if node.inputs[0] != previous:
            referred.add(node.inputs[0])
        referred.update(node.inputs[1:])
        previous = node.name
    return referred
