"""Small networks made by hand, so that these tests stand on the graph alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from archcompile.errors import Location
from archcompile.graph.ir import LayerGraph, Node, Origin
from archcompile.ops import REGISTRY, Input, Op

LOCATION = Location(file="net.yaml", line=1, column=1)


def op(kind: str, **settings: object) -> Op:
    return REGISTRY[kind](**settings)


@dataclass(kw_only=True)
class Net:
    """Builds a graph step by step; `part`, `unit`, `block` and `rule` hold for what is added
    next.
    """

    name: str
    part: str = "input"
    unit: int | None = None
    block: str | None = None
    rule: str | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)

    def input(self, *shape: int) -> str:
        return self.add("input", Input(dims=shape))

    def add(self, name: str, layer: Op, *sources: str) -> str:
        shape = layer.shape(*(self.nodes[s].shape for s in sources))
        self.nodes[name] = Node(
            name=name, op=layer, inputs=sources, shape=shape, origin=self.origin()
        )
        if self.part != "input":
            self.parts[self.part] = name
        return name

    def origin(self) -> Origin:
        row = self.block if self.unit else None
        return Origin(
            location=LOCATION,
            part=self.part,
            block=self.block,
            unit=self.unit,
            rule=self.rule,
            row=row,
        )

    def chain(self, source: str, prefix: str, *layers: Op) -> str:
        for layer in layers:
            count = sum(
                n.op.kind == layer.kind and name.startswith(prefix)
                for name, n in self.nodes.items()
            )
            source = self.add(f"{prefix}_{layer.kind}{count + 1}", layer, source)
        return source

    def graph(self, *outputs: str) -> LayerGraph:
        names = outputs or (list(self.nodes)[-1],)
        labels = (
            {"output": names[0]} if len(names) == 1 else {f"out{i}": n for i, n in enumerate(names)}
        )
        return LayerGraph(
            name=self.name,
            nodes=self.nodes,
            outputs=labels,
            parts=self.parts,
            joins=tuple(self.joins),
            is_labelled=len(names) > 1,
        )


def conv(filters: int, kernel: int = 3, stride: int = 1) -> Op:
    return op("conv", filters=filters, kernel=kernel, stride=stride)


def residual(n: int, rule: str = "projection") -> LayerGraph:
    """The net of He et al. 2015, section 4.2, with 6n + 2 layers; `rule` none leaves the shortcuts
    out.
    """
    net = Net(name=f"net_{6 * n + 2}")
    x = net.input(32, 32, 3)
    net.part = "stem"
    x = net.chain(x, "stem", conv(16), op("bn"), op("relu"))
    for stage, filters in enumerate((16, 32, 64), 1):
        net.part, net.block = f"s{stage}", "two_convs"
        for net.unit in range(1, n + 1):
            x = _unit(net, x, filters, stride=2 if stage > 1 and net.unit == 1 else 1, rule=rule)
    net.part, net.block, net.unit = "head", None, None
    net.chain(
        x,
        "head",
        op("avg_pool", size=8),
        op("flatten"),
        op("dense", units=10, activation="softmax"),
    )
    return net.graph()


def _unit(net: Net, x: str, filters: int, *, stride: int, rule: str) -> str:
    prefix = f"{net.part}_b{net.unit}"
    y = net.chain(
        x, prefix, conv(filters, stride=stride), op("bn"), op("relu"), conv(filters), op("bn")
    )
    if rule != "none":
        net.rule = rule
        if stride > 1:
            x = net.chain(x, f"{prefix}_shortcut", conv(filters, 1, stride))
        y = net.add(f"{prefix}_shortcut_add1", op("add"), x, y)
        net.joins.append(y)
        net.rule = None
    return net.chain(y, prefix + "_out", op("relu"))


def preactivation(n: int) -> LayerGraph:
    """The net of He et al. 2016 as the article builds it, 9n + 2 layers."""
    net = Net(name=f"pre_{9 * n + 2}")
    x = net.input(32, 32, 3)
    net.part = "stem"
    x = net.chain(x, "stem", conv(16), op("bn"), op("relu"))
    width = 16
    for stage, out in enumerate((64, 128, 256), 1):
        net.part, net.block = f"s{stage}", "three_convs"
        for net.unit in range(1, n + 1):
            prefix, first = f"{net.part}_b{net.unit}", net.unit == 1
            stride = 2 if first and stage > 1 else 1
            y = x if first and stage == 1 else net.chain(x, prefix, op("bn"), op("relu"))
            y = net.chain(
                y,
                prefix,
                conv(width, 1, stride),
                op("bn"),
                op("relu"),
                conv(width),
                op("bn"),
                op("relu"),
                conv(out, 1),
            )
            net.rule = "projection"
            side = net.chain(x, f"{prefix}_shortcut", conv(out, 1, stride)) if first else x
            x = net.add(f"{prefix}_shortcut_add1", op("add"), side, y)
            net.joins.append(x)
            net.rule = None
        width = out
    net.part, net.block, net.unit = "head", None, None
    net.chain(
        x,
        "head",
        op("bn"),
        op("relu"),
        op("avg_pool", size=8),
        op("flatten"),
        op("dense", units=10, activation="softmax"),
    )
    return net.graph()


def plain() -> LayerGraph:
    """A plain net in the manner of Simonyan and Zisserman 2014, configuration D."""
    net = Net(name="plain_16")
    x = net.input(224, 224, 3)
    for stage, (filters, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        net.part = f"p{stage}"
        x = net.chain(
            x,
            net.part,
            *[layer for _ in range(count) for layer in (conv(filters), op("relu"))],
            op("max_pool", size=2),
        )
    net.part = "head"
    x = net.chain(
        x,
        "head",
        op("flatten"),
        op("dense", units=4096, activation="relu"),
        op("dropout", rate=0.5),
    )
    net.chain(
        x,
        "head",
        op("dense", units=4096, activation="relu"),
        op("dropout", rate=0.5),
        op("dense", units=1000, activation="softmax"),
    )
    return net.graph()


def branching(count: int = 3) -> LayerGraph:
    """Modules of four branches, after Szegedy et al. 2014, figure 2b, and a second output half way
    down.
    """
    net = Net(name="branched")
    x = net.input(224, 224, 3)
    net.part = "stem"
    x = net.chain(
        x, "stem", conv(64, 7, 2), op("max_pool", size=3, stride=2, padding="same"), conv(192)
    )
    side = x
    for module in range(1, count + 1):
        net.part = f"i{module}"
        ends = [
            net.chain(x, f"{net.part}_a", conv(64, 1)),
            net.chain(x, f"{net.part}_b", conv(96, 1), conv(128)),
            net.chain(x, f"{net.part}_c", conv(16, 1), conv(32, 5)),
            net.chain(
                x, f"{net.part}_d", op("max_pool", size=3, stride=1, padding="same"), conv(32, 1)
            ),
        ]
        x = net.add(f"{net.part}_concat1", op("concat"), *ends)
        side = x if module == 1 else side
    net.part = "aux"
    aux = net.chain(
        side,
        "aux",
        conv(128, 1),
        op("global_avg_pool"),
        op("dense", units=10, activation="softmax"),
    )
    net.part = "head"
    return net.graph(
        net.chain(x, "head", op("global_avg_pool"), op("dense", units=10, activation="softmax")),
        aux,
    )


def nested_units(stages: int = 8) -> LayerGraph:
    """Units with a shortcut each, and one more around every four of them (after Zhang et al.
    2016).
    """
    net = Net(name="nested")
    x = net.input(32, 32, 16)
    for stage in range(1, stages + 1):
        net.part, start = f"o{stage}", x
        for net.unit in range(1, 5):
            y = net.chain(x, f"{net.part}_b{net.unit}", conv(16), conv(16))
            x = net.add(f"{net.part}_b{net.unit}_add", op("add"), x, y)
        x = net.add(f"{net.part}_outer", op("add"), start, x)
    return net.graph()


def dense_block(count: int = 6) -> LayerGraph:
    """Every layer sees all before it (Huang et al. 2016), each concat made of all of them anew."""
    net = Net(name="connected")
    x = net.input(32, 32, 3)
    net.part = "d1"
    seen = [net.chain(x, "d1", conv(24))]
    for _ in range(count):
        x = net.add(f"d1_concat{len(seen)}", op("concat"), *seen) if len(seen) > 1 else seen[0]
        seen.append(net.chain(x, "d1", op("bn"), op("relu"), conv(12)))
    net.part = "head"
    net.chain(
        net.add("head_concat1", op("concat"), *seen),
        "head",
        op("global_avg_pool"),
        op("dense", units=10),
    )
    return net.graph()


def random_graph(seed: int, size: int = 40) -> LayerGraph:
    """Any wiring at all: merges of random earlier nodes, the same one twice at times, several open
    ends.
    """
    random = Random(seed)
    net = Net(name=f"random_{seed}")
    names = [net.input(8, 8, 4)]
    for i in range(size):
        net.part = f"p{i // 10}"
        near = names[-random.choice((2, 5, len(names))) :]
        sources: Sequence[str] = [random.choice(near) for _ in range(random.choice((1, 1, 2, 3)))]
        layer = (
            op(random.choice(("add", "average")))
            if len(sources) > 1
            else random.choice((conv(4), op("bn")))
        )
        names.append(net.add(f"n{i}", layer, *sources))
    used = {source for node in net.nodes.values() for source in node.inputs}
    return net.graph(*(name for name in names if name not in used))
