"""A candidate rebuilt so that it takes its sums in the order of the reference.

The order of the operands of a sum makes no difference but in rounding, which depth amplifies. Once
layers and wiring are known to be alike, both models can be run in one order.
"""

from collections.abc import Sequence
from dataclasses import replace

import networkx as nx

from archcompile.keras_config import (
    COMMUTATIVE,
    Call,
    Live,
    Net,
    Ref,
    build,
    with_inputs,
)
from archcompile.verification.compared_steps import ComparedStep
from archcompile.verification.match import Pairing


def in_reference_order(candidate: Live, pairing: Pairing) -> Live | None:
    """The same layers called in the reference's order, operands too; its outputs have no labels.

    None where the candidate has that order already.
    """
    net = pairing.candidate.net
    calls = list(net.calls)
    for step, counterpart in pairing.pairs:
        number = counterpart.calls[0]
        if _is_sum(net, step, counterpart):
            places = _places(step, counterpart, pairing.mapping)
            inputs = tuple(calls[number].inputs[place] for place in places)
            calls[number] = with_inputs(calls[number], inputs)
    order = _order(calls, pairing)
    if calls == list(net.calls) and order == sorted(order):
        return None
    return build(_renumber(net, calls, order), candidate.layers)


def _is_sum(net: Net, step: ComparedStep, counterpart: ComparedStep) -> bool:
    """Whether the operands of both may change places, and are those of the counterpart's call."""
    call = net.calls[counterpart.calls[0]]
    return (
        not step.is_ordered
        and net.layers[call.layer].kind in COMMUTATIVE
        and len(call.inputs) == len(counterpart.inputs) == len(step.inputs)
    )


def _places(step: ComparedStep, counterpart: ComparedStep, mapping: Sequence[int]) -> list[int]:
    """For each operand of the reference's step its place among those of the counterpart."""
    free = list(enumerate(counterpart.inputs))
    places = []
    for ref in step.inputs:
        operand = next(item for item in free if item[1] == Ref(mapping[ref.call], ref.output))
        free.remove(operand)
        places.append(operand[0])
    return places


def _order(calls: Sequence[Call], pairing: Pairing) -> list[int]:
    """The candidate's calls as the reference has them; what it lacks stands behind its input."""
    ranks = {
        call: rank
        for rank, (_, counterpart) in enumerate(pairing.pairs)
        for call in counterpart.calls
    }
    for number, call in enumerate(calls):
        ranks.setdefault(number, max((ranks[ref.call] for ref in call.inputs), default=0))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(calls)))
    graph.add_edges_from(
        (ref.call, number) for number, call in enumerate(calls) for ref in call.inputs
    )
    return list(nx.lexicographical_topological_sort(graph, key=lambda call: (ranks[call], call)))


def _renumber(net: Net, calls: Sequence[Call], order: Sequence[int]) -> Net:
    """The net with its calls in another order."""
    numbers = {call: number for number, call in enumerate(order)}

    def renumber(inputs: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple(Ref(numbers[ref.call], ref.output) for ref in inputs)

    return replace(
        net,
        calls=tuple(with_inputs(calls[call], renumber(calls[call].inputs)) for call in order),
        outputs=renumber(net.outputs),
        keys=(),
    )
