"""Random specs of one shape throughout, so that anything may follow anything: blocks in blocks, in
branches and in rules, joins in the middle, repeats, layers left out, outputs half way; and names
that look like those archc gives.

What `tests/spec/random_specs.py` has in ops, this has in structure. Some of these specs clash in
their names and are refused.
"""

import random
from dataclasses import dataclass
from typing import Any

CHANNELS = 4
SHORTCUTS: tuple[Any, ...] = (
    "identity",
    "pooled",
    "projection_all",
    {"scaled": {"carry": 0.7}},
    {"highway": {"bias": -1.0}},
    "mine",
    "none",
)
BLOCKS = ("u", "u1", "v", "w_b1", "v1_u")
STAGES = ("s1", "s1_b1", "s2", "u1", "net", "s1_u1")
POINTS = ("b1_u1", "mid", "u1_b2", "x", "y", "unit", "stage", "name", "b1_conv1", "out_u1")


@dataclass(kw_only=True)
class Wild:
    """The generator's state: the names that are taken in the list being written, and the blocks
    that it may use.
    """

    rng: random.Random
    taken: list[str]
    usable: list[str]
    inside: bool  # a block, where a shortcut may stand and `on` is known

    def some(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def chance(self, part: float) -> bool:
        return self.rng.random() < part


def _layer(wild: Wild) -> tuple[str, dict[str, Any]]:
    return wild.some(
        ("conv", {"filters": CHANNELS, "kernel": wild.some(1, 3)}),
        ("conv", {"filters": CHANNELS, "kernel": 3}),
        ("bn", {}),
        ("bn", {"epsilon": 1e-5}),
        ("relu", {}),
        ("activation", {"kind": wild.some("relu", "tanh")}),
        ("dropout", {"rate": 0.1}),
        ("depthwise_conv", {"kernel": 3}),
        ("drop_path", {"drop_rate": wild.some(0.1, 0.2)}),
        ("layer_scale", {"value": 0.1}),
    )


def _step(wild: Wild, depth: int) -> dict[str, Any]:
    """One step; what it may hold further down gets less with `depth`."""
    kind = wild.rng.random()
    if kind < 0.3 and wild.usable:
        block = wild.rng.choice(wild.usable)
        settings: dict[str, Any] = wild.some(
            {}, {"on": False}, {"on": True, "kernel": 3}, {"kernel": 1}
        )
        step = {block: settings}
    elif kind < 0.4 and depth < 2:
        merge = wild.some("add", "average", "maximum", "multiply")
        branches = {
            key: _steps(wild, wild.rng.randint(0, 2), depth + 1, names=())
            for key in ("a", "b", "c")[: wild.rng.randint(2, 3)]
        }
        return {merge: {"branches": branches}}
    elif kind < 0.5 and wild.taken and depth == 0:
        return {wild.some("add", "maximum"): {"with": wild.rng.choice(wild.taken)}}
    elif kind < 0.6 and wild.inside and depth == 0:
        step = {"shortcut": wild.some({}, {}, {"rule": "identity"})}
        step["shortcut"] |= (
            {"from": wild.rng.choice(wild.taken)} if wild.taken and wild.chance(0.3) else {}
        )
        step["shortcut"] |= {"if": "$on"} if wild.chance(0.3) else {}
        return step
    else:
        name, settings = _layer(wild)
        step = {
            name: {**settings, "kernel": "$kernel"}
            if name == "conv" and wild.inside and wild.chance(0.5)
            else settings
        }
        step[name] |= (
            {"if": wild.some("$on", "$(not on)")} if wild.inside and wild.chance(0.3) else {}
        )
    (modifiers,) = step.values()
    if wild.chance(0.15):
        modifiers["repeat"] = wild.rng.randint(1, 3)
    return step


def _steps(wild: Wild, count: int, depth: int, *, names: tuple[str, ...]) -> list[Any]:
    steps = []
    for _ in range(count):
        step = _step(wild, depth)
        (modifiers,) = step.values()
        if "shortcut" not in step and "repeat" not in modifiers and names and wild.chance(0.3):
            name = wild.rng.choice(names)
            if name not in wild.taken:
                wild.taken.append(name)
                modifiers["name"] = name
        steps.append({key: {**value} for key, value in step.items()})
    return steps


def _block(rng: random.Random, usable: list[str]) -> dict[str, Any]:
    wild = Wild(rng=rng, taken=[], usable=usable, inside=True)
    return {
        "args": {"on": True, "kernel": 3},
        "body": [*_steps(wild, rng.randint(1, 5), 0, names=POINTS), {"relu": {}}],
    }


def _row(wild: Wild, joining: set[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"block": wild.rng.choice(wild.usable), "repeat": wild.rng.randint(1, 4)}
    row |= (
        {"on": wild.some(True, False, "$(index % 2 == 0)", "$(index != 2)")}
        if wild.chance(0.6)
        else {}
    )
    row |= {"kernel": wild.some(1, 3, "$(2 * index + 1)")} if wild.chance(0.4) else {}
    if "on" not in row and wild.chance(0.5):
        row[wild.some("first", "last")] = {"on": False}
    return row | (
        {"shortcut": wild.rng.choice(SHORTCUTS)}
        if row["block"] in joining and wild.chance(0.5)
        else {}
    )


def wild_spec(seed: int) -> dict[str, Any]:
    """The plain values of a spec file, which may be refused."""
    rng = random.Random(seed)
    names = rng.sample(BLOCKS, rng.randint(1, 4))
    blocks = {name: _block(rng, names[:place]) for place, name in enumerate(names)}
    usable = Wild(rng=rng, taken=[], usable=names, inside=False)
    joining = {
        name for name, block in blocks.items() for step in block["body"] if "shortcut" in step
    }
    spec: dict[str, Any] = {
        "archc": 1,
        "uses": ["blocks/shortcuts.yaml"],
        "input": [5, 5, CHANNELS],
        "blocks": blocks,
    }
    spec["shortcuts"] = {
        "mine": [
            {rng.choice([name for name in names if name not in joining] or ["bn"]): {}},
            {"add": {"with": "branch"}},
        ]
    }
    spec["stem"] = _steps(
        Wild(rng=rng, taken=[], usable=names, inside=False), rng.randint(0, 3), 0, names=POINTS
    ) or [{"relu": {}}]
    points: list[str] = []
    spec["shortcut"] = rng.choice(SHORTCUTS)
    # asks for the spec's shortcut, whatever else does
    blocks["joined"] = [
        {"bn": {}},
        {"shortcut": {}},
    ]
    spec["stages"] = {"s0": {"block": "joined"}}
    for stage in rng.sample(STAGES, rng.randint(1, 4)):
        listed = Wild(rng=rng, taken=[], usable=names, inside=False)
        spec["stages"][stage] = (
            _row(usable, joining)
            if rng.random() < 0.6
            else [*_steps(listed, rng.randint(1, 4), 0, names=POINTS), {"bn": {}}]
        )
        points += [stage, *(f"{stage}.{point}" for point in listed.taken)]
    spec["head"] = [
        *_steps(
            Wild(rng=rng, taken=[], usable=names, inside=False), rng.randint(0, 3), 0, names=()
        ),
        {"conv": {"filters": CHANNELS, "kernel": 1}},
    ]
    if rng.random() < 0.5:
        ends = rng.sample(points, rng.randint(1, min(3, len(points))))
        spec["outputs"] = {f"out{place}": end for place, end in enumerate(ends)} | {"end": "head"}
    return spec
