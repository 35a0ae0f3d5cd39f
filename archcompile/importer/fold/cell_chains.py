"""A tangle as a chain: stretches of nodes of which each reads the ends of the two in front of it.

So are the cells of NASNet wired. A stretch is a unit of a block of two inputs, and its row says
`with: previous`. A stretch that occurs once is a block, too: a list of steps could not name the
start of the unit above it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from archcompile.importer.fold.node_settings import signature
from archcompile.importer.fold.series import Series, Tangle

MOST_NODES = 2000  # of a tangle that is searched, in a time that grows with their square
WORTH = 0.6  # of a chain's nodes, as many as its blocks may have together
NEARLY = 3  # stretches that a chain may be shorter than the longest, if it repeats more

Chain = tuple[Tangle, ...]
START = -1  # the place of the node in front of a tangle, among those of its nodes


def with_chains(atoms: Series, most: int) -> Series:
    """The atoms with chains in place of tangles, where at most so many blocks are all of it."""
    written: list[Series] = []
    for atom in atoms:
        chain = _chain(atom) if isinstance(atom, Tangle) and len(atom.nodes) <= MOST_NODES else ()
        kinds = {signature(link): len(link.nodes) for link in chain}
        is_worth_it = sum(kinds.values()) < WORTH * sum(len(link.nodes) for link in chain)
        written.append(chain if is_worth_it and len(kinds) <= most else (atom,))
    return tuple(atom for atoms_of in written for atom in atoms_of)


def _chain(tangle: Tangle) -> Chain:
    """The chain that repeats most, of the longest; none where there is no cut in the tangle."""
    inputs = _inputs(tangle)
    before = dict(_cuts(inputs))
    lengths = {START: 0}
    for cut in before:  # in order: what a node reads stands in front of it
        if before[cut] in lengths:
            lengths[cut] = lengths[before[cut]] + 1
    longest = max(lengths.values())
    ends = [cut for cut, length in lengths.items() if 0 < longest - NEARLY <= length]
    chains = [_links(tangle, _path(cut, before), inputs) for cut in ends]
    return max(chains, key=lambda chain: (_count_repeats(chain), -len(chain)), default=())


def _count_repeats(chain: Chain) -> int:
    """How many of the stretches are like another in front of them."""
    return len(chain) - len({signature(link) for link in chain})


def _inputs(tangle: Tangle) -> list[list[int]]:
    """The places of what each node reads."""
    place = {tangle.start: START}
    place |= {node.name: number for number, node in enumerate(tangle.nodes)}
    return [list(map(place.__getitem__, node.inputs)) for node in tangle.nodes]


def _cuts(inputs: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """The nodes behind which nothing reads what leads to them but themselves and one other.

    Each with that other. Sets of nodes are bits of a number, the start's the lowest.
    """
    readers = [0] * (len(inputs) + 1)
    for number, sources in enumerate(inputs):
        for source in sources:
            readers[source + 1] |= 2 << number
    leads = [1]  # to the start, then to each node: the nodes on the way, itself among them
    for number, sources in enumerate(inputs):
        leads.append(2 << number)
        for source in sources:
            leads[-1] |= leads[source + 1]
        behind = ~leads[-1]
        open_ends = [
            place
            for place in range(START, number + 1)
            if leads[-1] >> (place + 1) & 1 and readers[place + 1] & behind
        ]
        if len(open_ends) == 2 and open_ends[1] == number:
            yield number, open_ends[0]


def _path(cut: int, before: Mapping[int, int]) -> list[int]:
    """The cuts that lead to this one, from the start on."""
    path = [cut]
    while path[-1] != START:
        path.append(before[path[-1]])
    return path[::-1]


def _links(tangle: Tangle, cuts: Sequence[int], inputs: Sequence[Sequence[int]]) -> Chain:
    """The stretches between the cuts, and behind the last."""
    names = [tangle.start, *(node.name for node in tangle.nodes)]  # that of a cut at `cut + 1`
    seen = {START}
    links = []
    for number, (start, end) in enumerate(pairwise((*cuts, len(tangle.nodes) - 1))):
        nodes = [tangle.nodes[place] for place in _in_order(end, inputs, seen)]
        previous = names[cuts[number - 1] + 1] if number else ""
        links.append(Tangle(tuple(nodes), names[start + 1], previous=previous))
    return tuple(links)


def _in_order(end: int, inputs: Sequence[Sequence[int]], seen: set[int]) -> list[int]:
    """What leads to a node and has not been `seen`, in an order that the wiring alone decides."""
    order: list[int] = []
    todo = [(end, False)]
    while todo:
        place, is_done = todo.pop()
        if is_done:
            order.append(place)
        elif place not in seen:
            seen.add(place)
            todo.append((place, True))
            todo += [(source, False) for source in reversed(inputs[place])]
    return order
