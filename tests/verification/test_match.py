"""Pairing two nets: against networkx's matcher on random graphs, and the words that a difference is
told in.
"""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcompile.keras_config.net import Call, Layer, Net, Ref
from archcompile.keras_config.read import read_model
from archcompile.verification import match as matching
from archcompile.verification.compared_steps import ComparedStep, View, exact_view
from archcompile.verification.difference import compare_layers
from archcompile.verification.isomorphism import as_nx
from archcompile.verification.match import match
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.step_hashes import hashes, view_hash
from tests.importer.configs import Config, head, layer, model, tensor

KINDS = ["Conv2D", "Add", "Concatenate", "Conv2D", "Add"]


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """Few kinds and many equal layers, so that hashes tie; some layers are called twice."""
    layers = [
        Layer(path=("x",), kind="InputLayer", settings={}, module="", class_name="", config={})
    ]
    calls = [Call(layer=0, args=(), kwargs={}, inputs=(), shapes=())]
    for number in range(draw(st.integers(1, 9))):
        sources = [
            Ref(draw(st.integers(0, len(calls) - 1)), 0) for _ in range(draw(st.integers(1, 3)))
        ]
        same = [n for n, built in enumerate(layers) if n and built.kind == "Conv2D"]
        kind = KINDS[draw(st.integers(0, len(KINDS) - 1))]
        if kind == "Conv2D":
            sources = sources[:1]
        if kind == "Conv2D" and same and draw(st.integers(0, 3)) == 0:
            which = draw(st.sampled_from(same))
        else:
            which = len(layers)
            layers.append(
                Layer(
                    path=(f"l{number}",),
                    kind=kind,
                    settings={"width": draw(st.integers(0, 1))},
                    module="",
                    class_name="",
                    config={},
                )
            )
        calls.append(
            Call(layer=which, args=(tuple(sources),), kwargs={}, inputs=tuple(sources), shapes=())
        )
    read = {ref.call for call in calls for ref in call.inputs}
    return Net(
        name="net",
        layers=tuple(layers),
        calls=tuple(calls),
        outputs=tuple(Ref(n, 0) for n in range(len(calls)) if n not in read),
    )


def shuffle(net: Net, rng: random.Random) -> Net:
    """The same net: calls in another order, layers renamed and renumbered, the arguments of sums in
    another order.
    """
    order = [0]

    def is_ready(number: int) -> bool:
        return number not in order and all(ref.call in order for ref in net.calls[number].inputs)

    while len(order) < len(net.calls):
        order.append(rng.choice(list(filter(is_ready, range(len(net.calls))))))
    place = {old: new for new, old in enumerate(order)}
    numbers = list(range(len(net.layers)))
    rng.shuffle(numbers)
    calls = []
    for old in order:
        call = net.calls[old]
        inputs = [Ref(place[ref.call], ref.output) for ref in call.inputs]
        if net.layer(old).kind == "Add":
            rng.shuffle(inputs)
        calls.append(
            Call(
                layer=numbers[call.layer],
                args=(tuple(inputs),) if inputs else (),
                kwargs={},
                inputs=tuple(inputs),
                shapes=(),
            )
        )
    layers = [net.layers[0]] * len(numbers)
    for old, new in enumerate(numbers):
        first = net.layers[old]
        layers[new] = Layer(
            path=(f"other{new}",),
            kind=first.kind,
            settings=first.settings,
            module="",
            class_name="",
            config={},
        )
    return Net(
        name="other",
        layers=tuple(layers),
        calls=tuple(calls),
        outputs=tuple(Ref(place[ref.call], ref.output) for ref in net.outputs),
    )


def rewire(net: Net, rng: random.Random) -> Net:
    """One argument of one call comes from elsewhere."""
    number = rng.randrange(1, len(net.calls))
    call = net.calls[number]
    inputs = list(call.inputs)
    inputs[rng.randrange(len(inputs))] = Ref(rng.randrange(number), 0)
    calls = [*net.calls]
    calls[number] = Call(
        layer=call.layer, args=(tuple(inputs),), kwargs={}, inputs=tuple(inputs), shapes=()
    )
    return Net(name=net.name, layers=net.layers, calls=tuple(calls), outputs=net.outputs)


def is_same_by_networkx(first: View, second: View) -> bool:
    """networkx alone, colours from class, settings and arguments only."""
    from networkx.algorithms.isomorphism import DiGraphMatcher

    matcher = DiGraphMatcher(
        *(as_nx(view, list(map(ComparedStep.signature, view.steps))) for view in (first, second)),
        node_match=lambda a, b: a["colour"] == b["colour"],
        edge_match=lambda a, b: a["ports"] == b["ports"],
    )
    return bool(matcher.is_isomorphic())


def match_or_none(first: View, second: View) -> Any:
    try:
        return match(first, second)
    except ModelsDiffer:
        return None


@settings(max_examples=300)
@given(nets(), st.randoms(use_true_random=False))
def test_agrees_with_networkx(net: Net, rng: random.Random) -> None:
    first = exact_view(net)
    for second in (exact_view(shuffle(net, rng)), exact_view(shuffle(rewire(net, rng), rng))):
        pairing = match_or_none(first, second)
        assert (pairing is not None) == is_same_by_networkx(first, second)
        assert pairing is None or view_hash(first) == view_hash(second)
        if pairing is not None:
            assert sorted(pairing.mapping) == list(range(len(first.steps)))
            for step, counterpart in pairing.pairs:
                first_inputs = [(pairing.mapping[ref.call], ref.output) for ref in step.inputs]
                second_inputs = [(ref.call, ref.output) for ref in counterpart.inputs]
                assert (
                    first_inputs == second_inputs
                    if step.is_ordered
                    else sorted(first_inputs) == sorted(second_inputs)
                )
            layers = {
                (a, b)
                for s, c in pairing.pairs
                for a, b in zip(first.layers(s), second.layers(c), strict=True)
            }
            assert len(layers) == len({a for a, _ in layers}) == len({b for _, b in layers})


def test_ties_that_contradict_the_walk_go_to_the_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pairs of equal layers, crossed by two equal sums each: hashes tie, and a walk can pair
    them wrongly.
    """

    def crossed_net(order: str) -> Net:
        layers = [head(), *(layer("Conv2D", n, [tensor("x")]) for n in "abcd")]
        for number, (p, q) in enumerate([order[0:2], order[2:4], order[4:6], order[6:8]]):
            layers.append(layer("Add", f"s{number}", [[tensor(p), tensor(q)]]))
        layers.append(layer("Add", "all", [[tensor(f"s{n}") for n in range(4)]]))
        return read_model(model(layers, ("all", 0, 0)))

    searched = []
    search = matching.search

    def watch(*arguments: Any, **named: Any) -> Any:
        searched.append(1)
        return search(*arguments, **named)

    monkeypatch.setattr(matching, "search", watch)
    first = exact_view(crossed_net("abbccdda"))  # a ring of four
    for second, same in (("acbdcbda", True), ("ababcdcd", False)):  # a ring again; two rings of two
        view = exact_view(crossed_net(second))
        assert (match_or_none(first, view) is not None) == is_same_by_networkx(first, view) == same
        assert sorted(hashes(first).up) == sorted(hashes(view).up)
    assert searched


# ---- words ---------------------------------------------------------------------------------------


def net(*middle: Config, end: str = "end") -> View:
    return exact_view(read_model(model([head(), *middle], (end, 0, 0))))


def plain(**changed: Any) -> list[Config]:
    a = layer("Conv2D", "a", [tensor("x")], **{"filters": 4, "use_bias": True} | changed)
    return [
        a,
        layer("BatchNormalization", "n", [tensor("a")]),
        layer("ReLU", "r", [tensor("n")], max_value=None),
    ]


DIFFERENCES: list[tuple[list[Config], list[str]]] = [
    (plain(filters=8), ["`a` (Conv2D)", "filters (4 and 8)"]),
    (
        [
            plain()[0],
            layer("ReLU", "r", [tensor("a")], max_value=None),
            layer("BatchNormalization", "n", [tensor("r")]),
        ],
        ["`n` (BatchNormalization) after `a`", "`r` (ReLU) after `a`"],
    ),
    (
        [*plain(), layer("Dropout", "d", [tensor("r")])],
        ["candidate has `d` (Dropout) after `r`", "no counterpart"],
    ),
    (plain()[:2], ["reference has `r` (ReLU) after `n`", "no counterpart"]),
    (
        [*plain()[:2], layer("ReLU", "r", [tensor("a")], max_value=None)],
        ["`n` (BatchNormalization) after `a`", "`r` (ReLU) after `a`"],
    ),
    (
        [*plain(), layer("Add", "s", [[tensor("a"), tensor("r")]])],
        ["candidate has `s` (Add) after `a` and `r`"],
    ),
]


@pytest.mark.parametrize("number", range(len(DIFFERENCES)))
def test_the_first_difference_is_named_in_both(number: int) -> None:
    layers, words = DIFFERENCES[number]
    candidate = net(*layers, end=layers[-1]["name"])
    with pytest.raises(ModelsDiffer) as caught:
        match(net(*plain(), end="r"), candidate, where=lambda name: f" at {name}.yaml:7")
    assert all(word in caught.value.message for word in words), caught.value.message
    assert ".yaml:7" in caught.value.message or number == 3  # nothing stands there


def test_the_multiset_counts_layers() -> None:
    alike, reference, candidate = compare_layers(
        net(*plain(), end="r"), net(*plain(filters=8), end="r")
    )
    assert alike == 3
    assert len(reference) == len(candidate) == 1
    assert "1 Conv2D {'filters': 4" in reference[0]


def test_sharing_weights_is_a_difference() -> None:
    twice = net(
        layer("Dense", "d", [tensor("x")], [tensor("d")]),
        layer("Flatten", "f", [tensor("d", 1)]),
        end="f",
    )
    copies = net(
        layer("Dense", "d", [tensor("x")]),
        layer("Dense", "e", [tensor("d")]),
        layer("Flatten", "f", [tensor("e")]),
        end="f",
    )
    for first, second in ((twice, copies), (copies, twice)):
        with pytest.raises(ModelsDiffer, match="share their weights"):
            match(first, second)
    assert match_or_none(twice, twice) and match_or_none(copies, copies)


def test_axes_count_from_the_end() -> None:
    norms = [
        net(layer("BatchNormalization", "n", [tensor("x")], axis=axis), end="n")
        for axis in (3, -1, 1)
    ]
    assert match_or_none(norms[0], norms[1]) and not match_or_none(norms[0], norms[2])
