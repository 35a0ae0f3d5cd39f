"""Which nodes lie in the same memory: `relu_` and its like write over what they read.

Where a node is read that was changed behind the graph's back, nothing is guessed.
"""

from archcompile.torch_graph.aten import AtenNode
from archcompile.torch_graph.net_builder import Unfit

SAME = frozenset(("alias", "detach"))  # operations whose result is their argument
# Operations whose result may lie in the memory of their argument, or be a copy.
VIEWS = frozenset(
    """
    chunk contiguous dropout expand flatten getitem permute reshape select slice split
    split_with_sizes squeeze to transpose unflatten unbind unsqueeze view
    """.split()  # noqa: SIM905 - a list of words
)


class SharedMemory:
    """What is known of the nodes that were entered so far."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}  # names of one tensor, by each of them
        self.owner: dict[str, str] = {}  # the node whose memory a node lies in
        self.stale: set[str] = set()

    def check(self, node: AtenNode) -> None:
        """Raises Unfit where a node is read that was changed through another."""
        if not self.stale.isdisjoint(node.reads):
            raise Unfit("reads a tensor that was written over through a view of it")

    def enter(self, node: AtenNode) -> None:
        if not node.reads:
            return
        source = node.reads[0]
        if node.is_in_place or node.operation in SAME:
            group = self.groups.setdefault(source, [source])
            group.append(node.name)
            self.groups[node.name] = group
        if node.is_in_place or node.operation in SAME | VIEWS:
            self.owner[node.name] = self.owner.get(source, source)
        if node.is_in_place:
            memory = self.owner[node.name]
            alike = {name for name, owner in self.owner.items() if owner == memory} | {memory}
            self.stale |= alike - set(self.groups[source])

    def same_as(self, node: AtenNode) -> list[str]:
        """The names under which the tensor that a node writes over may be read later."""
        return self.groups.get(node.name, list(node.reads[:1]))
