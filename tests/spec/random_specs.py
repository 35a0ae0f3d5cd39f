"""Random specs that are right by construction: all shipped blocks and rules, own blocks, branches,
stems and heads.

Sizes and channels are followed while a spec is made, so that nothing in it can fail to fit.
"""

import random
from typing import Any

from tests.spec.random_rows import LIBRARY_OF, ROWS, SAME_SHAPE
from tests.spec.random_steps import INITS, Net, conv, steps


def own_block(net: Net) -> tuple[dict[str, Any], dict[str, Any]]:
    """A block of the file's own and the row that uses it; it keeps the channels, so that it can
    repeat.
    """
    body = [
        {"conv": {"filters": "$inner", "kernel": "$kernel", "bias": False}},
        net.some("bn", "layer_norm"),
        {"activation": {"kind": "$act"}},
        {
            "conv": {
                "filters": "$in_channels",
                "kernel": 1,
                "if": "$(index % 2 == 1 or inner != in_channels)",
            }
        },
        "shortcut",
    ]
    arguments = {"inner": "int", "kernel": 3, "act": {"one_of": ["relu", "swish", "tanh"]}}
    row = {
        "block": "own",
        "repeat": net.rng.randint(1, 3),
        "inner": net.some(4, 8),
        "kernel": net.some(1, 3),
        "act": net.some("swish", "tanh"),
        "shortcut": net.some(*SAME_SHAPE),
    }
    return {"own": {"args": arguments, "body": body}}, row


def random_spec(seed: int) -> dict[str, Any]:
    """The plain values of a spec file."""
    rng = random.Random(seed)
    net = Net(
        rng=rng, height=rng.randint(8, 20), width=rng.randint(8, 20), channels=rng.choice((1, 3))
    )
    spec: dict[str, Any] = {
        "archc": 1,
        "uses": [],
        "vars": {"classes": rng.randint(2, 9)},
        "input": [net.height, net.width, net.channels],
        "stem": [conv(net, 8), *steps(net, rng.randint(0, 4))],
        "stages": {},
    }
    if rng.random() < 0.3:
        spec["defaults"] = {"conv": {"init": rng.choice(INITS)}, "bn": {"epsilon": 1e-5}}
    for number in range(rng.randint(0, 4)):
        kind = rng.random()
        if kind < 0.65:
            block = rng.choice(sorted(ROWS))
            if block == "transition":
                spec["stages"][f"w{number}"] = [{"conv": {"filters": 8, "kernel": 1}}]
                if min(net.height, net.width) < 4:
                    net.channels = 8
                    continue
            spec["stages"][f"s{number}"] = ROWS[block](net, block)
        elif kind < 0.8 and "blocks" not in spec:
            spec["blocks"], spec["stages"][f"s{number}"] = own_block(net)
        else:
            spec["stages"][f"s{number}"] = steps(net, rng.randint(1, 5)) or ["relu"]
    used = {row["block"] for row in spec["stages"].values() if isinstance(row, dict)} - {"own"}
    spec["uses"] = sorted(
        {f"blocks/{LIBRARY_OF[block]}.yaml" for block in used} | {"blocks/shortcuts.yaml"}
    )
    if not spec["stages"]:
        del spec["stages"]
    end = rng.choice(
        (
            ["global_avg_pool"],
            ["global_max_pool"],
            [{"global_avg_pool": {"keep_dims": True}}, "flatten"],
            ["flatten"],
        )
    )
    if any("transition" in str(row) for row in spec.get("stages", {}).values()):
        end = ["global_avg_pool"]  # its average pool would not cover the map that is flattened
    if end == ["flatten"]:
        spec["allow"] = ["pool-does-not-cover"]
    spec["head"] = [*end, {"dense": {"units": "$classes", "activation": "softmax"}}]
    return spec
