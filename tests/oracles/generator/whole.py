"""Whole specs, as plain values."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..language.errors import IllFormed
from ..language.files import Files, library_of, use
from ..language.naming import check_names
from ..language.net import Net, Node
from ..language.ops import GLOBAL_POOLS
from ..language.scope import Library, Place
from ..language.spec import build, interpret, unasked_choices
from ..language.values import worked_out
from .blocks import draw_block
from .calls import Roles, Setting, draw_arguments, draw_choice, draw_defaults
from .claims import with_claims
from .draw import Draw, constant, from_name
from .library import BLOCKS, RULES, WITHOUT_RULES
from .lists import add_branches, add_merge, add_something, draw_list
from .rows import draw_row
from .rules import draw_rule

SPECS = Path(__file__).parents[3] / "specs"
LONGEST = 220  # nodes


@lru_cache
def shipped_texts() -> dict[str, str]:
    return {str(path.relative_to(SPECS)): path.read_text() for path in SPECS.rglob("*.yaml")}


def scope_of(spec: dict[str, Any]) -> Library:
    """All blocks and rules in the scope of a spec of one file."""
    files = Files({}, shipped_texts())
    used: dict[str, dict[str, Any]] = {}
    for written in spec.get("uses") or []:
        use(written, "spec.yaml", files, used=used)
    return library_of(spec, list(used.values()))


def interpret_spec(spec: dict[str, Any]) -> Net:
    """The net of a spec that is one file."""
    return interpret(spec, scope_of(spec))


def random_spec(seed: int) -> dict[str, Any]:
    """A well-formed spec; the same for the same seed."""
    attempt = 0
    while True:
        draw = Draw(f"{seed}/{attempt}")
        attempt += 1
        try:
            spec = Writer(draw).write()
            scope = scope_of(spec)
            check_names(spec, scope)
            net = build(spec, scope)
        except IllFormed:
            continue
        prune(spec, unasked_choices(spec, net))
        if any(net.lost()):
            continue
        if any(net.uncovered_pools()):
            spec["allow"] = ["pool-does-not-cover"]
        if len(net.nodes) <= LONGEST:
            return with_claims(draw, spec, net)


def prune(spec: dict[str, Any], places: list[tuple[str, ...]]) -> None:
    """Takes out choices of shortcut rules that no join asks for."""
    for place in places:
        if place == ("spec",):
            del spec["shortcut"]
            continue
        stage, level = place
        row = spec["stages"][stage]
        del (row[level] if level else row)["shortcut"]
        if level and not row[level]:
            del row[level]


class Writer:
    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.spec: dict[str, Any] = {"archc": 1}
        self.variables: dict[str, Any] = {}
        self.pieces: dict[str, Roles] = {}
        self.units: dict[str, Roles] = {}
        self.rules: dict[str, Roles] = {}

    def write(self) -> dict[str, Any]:
        draw, spec = self.draw, self.spec
        if draw.chance(0.2):
            spec |= {"name": "a_name", "about": "A spec of the generator's"}
        self.write_variables()
        self.write_libraries()
        size = draw.choose([(8, 8), (8, 8), (12, 10), (16, 16), (9, 7), (6, 11)])
        shape = (*size, draw.choose([1, 3, 3, 4]))
        spec["input"] = [self.plain_or_expression(item) for item in shape]
        if draw.chance(0.6):
            spec["defaults"] = draw_defaults(draw, self.variables)
        self.write_own()
        if self.units and draw.chance(0.25):
            block = draw.choose(list(self.units))
            given = draw_arguments(draw, self.units[block], self.variables, shape=(8, 8, 4))
            if given:
                spec["defaults"] = {**(spec.get("defaults") or {}), block: given}
        self.write_choice()
        self.write_parts(shape)
        return spec

    def plain_or_expression(self, value: int) -> Any:
        draw = self.draw
        names = [name for name, item in self.variables.items() if type(item) is int]
        if draw.chance(0.8):
            return value
        if names and draw.chance(0.7):
            name = draw.choose(names)
            return f"$({from_name(draw, value, name, seen=self.variables[name])})"
        return f"$({constant(draw, value)})"

    def write_variables(self) -> None:
        draw = self.draw
        forms: dict[str, list[Any]] = {
            "wide": [2, 4, 6, 8],
            "count": [1, 2, 3],
            "loss": [0.25, 0.5],
            "flag": [True, False],
            "kind": ["relu", "swish", "tanh"],
            "twice": ["$(2 * wide)", "$(wide + count)", "$(wide / 2)"],
            "third": ["$(1 / 3)", "$(loss / 2)"],
            "both": ["$(flag and wide > 2)", "$(not flag or count == 1)"],
            "list": [[3, 3], [1, "$count"]],
            "most": ["$(max(wide, 3 * count))", "$(make_divisible(wide * 1.5, 4))"],
        }
        written = {name: draw.choose(values) for name, values in forms.items() if draw.chance(0.6)}
        for name, value in written.items():
            try:
                self.variables[name] = worked_out(value, self.variables)
            except IllFormed:
                continue
            self.spec.setdefault("vars", {})[name] = value

    def write_libraries(self) -> None:
        draw = self.draw
        names = draw.some(list(BLOCKS), draw.choose([0, 1, 1, 2]))
        uses = [f"blocks/{name}.yaml" for name in names]
        if (draw.chance(0.5) and names) or any(name not in WITHOUT_RULES for name in names):
            if all(name in WITHOUT_RULES for name in names) or draw.chance(0.2):
                uses.append("blocks/shortcuts.yaml")
            self.rules |= RULES
        for name in names:
            for block, roles in BLOCKS[name].items():
                self.units[block] = roles
                self.pieces[block] = roles
        if "mobile" in names and "squeeze_excite" not in names:
            self.pieces["squeeze_excite"] = BLOCKS["squeeze_excite"]["squeeze_excite"]
        if uses:
            self.spec["uses"] = uses

    def write_own(self) -> None:
        """Blocks and rules of the spec's own."""
        draw, spec = self.draw, self.spec
        for name in draw.some(["scheme", "bridge", "ramp"], draw.choose([0, 1, 1, 2])):
            pieces = {
                piece: roles
                for piece, roles in self.pieces.items()
                if not roles.joins and not roles.in_units
            }
            rule, roles = draw_rule(draw, pieces)
            spec.setdefault("shortcuts", {})[name] = rule
            self.rules[name] = roles
        for name in draw.some(["brick", "cell", "tile", "knot", "loop"], draw.choose([0, 1, 2, 3])):
            in_units = draw.chance(0.5)
            setting = Setting(pieces=self.visible(in_units), rules=self.rules)
            library = scope_of(spec)
            block, roles = draw_block(
                draw, library, setting, in_units=in_units, joins=draw.chance(0.5)
            )
            spec.setdefault("blocks", {})[name] = block
            self.units[name] = roles
            self.pieces[name] = roles

    def visible(self, in_units: bool) -> dict[str, Roles]:
        return {
            name: roles for name, roles in self.pieces.items() if in_units or not roles.in_units
        }

    def write_choice(self) -> None:
        draw = self.draw
        if draw.chance(0.75) and self.rules:
            unit = {"unit_index": 1, "unit_count": 9} if draw.chance(0.3) else {}
            likely = {
                name: roles
                for name, roles in self.rules.items()
                if name not in ("projection_preact", "identity")
            }
            self.spec["shortcut"] = draw_choice(
                draw, Setting(rules=likely or self.rules), {**unit, **self.variables}
            )

    def place(self, prefix: str) -> Place:
        net = Net()
        net.nodes["input"] = Node(
            name="input", kind="input", attributes={}, inputs=(), shape=(8, 8, 3), weights=()
        )
        defaults = worked_out(self.spec.get("defaults") or {}, self.variables)
        choice = self.spec.get("shortcut")
        return Place(
            net=net,
            library=scope_of(self.spec),
            prefix=prefix,
            start="input",
            block_start="input",
            names=self.variables,
            unit={},
            defaults=(defaults,),
            choices=() if choice is None else ((choice, self.variables, ()),),
            plain=choice == "none",
        )

    def write_parts(self, shape: tuple[int, ...]) -> None:
        draw, spec = self.draw, self.spec
        root = self.place("stem")
        root.net.nodes["input"] = Node(
            name="input", kind="input", attributes={}, inputs=(), shape=shape, weights=()
        )
        current, ends = "input", {}
        self.above = "input"  # where the unit above starts
        self.named: dict[str, dict[str, str]] = {}
        setting = Setting(pieces=self.visible(False), rules=self.rules)
        if draw.chance(0.8):
            stem = draw_list(draw, root.at(points={}), draw.between(1, 5), setting=setting)
            spec["stem"], current = stem.steps, stem.current
            self.named["stem"] = dict(stem.place.points)
            ends["stem"] = current
        stages: dict[str, Any] = {}
        for _ in range(draw.choose([0, 1, 2, 2, 3])):
            name = f"{draw.choose(['s', 'stage', 'level'])}{len(stages) + 1}"
            inner = root.at(prefix=name, start=current, block_start=current, points=dict(ends))
            drawn = self.draw_stage(inner, setting)
            if drawn is not None:
                stages[name], current = drawn
                self.named[name] = {
                    key: end for key, end in inner.points.items() if key not in ends
                }
                ends[name] = current
        if stages:
            spec["stages"] = stages
        if draw.chance(0.8) or not ends:
            inner = root.at(prefix="head", start=current, block_start=current, points=dict(ends))
            self.write_head(inner, setting, ends)

    def draw_stage(self, place: Place, setting: Setting) -> tuple[Any, str] | None:
        draw = self.draw
        if self.units and draw.chance(0.75):
            beside = place.at(points={**place.points, "previous": self.above})
            for _ in range(6):
                row = draw_row(
                    draw, beside, setting, blocks=self.units, choice=self.spec.get("shortcut")
                )
                if row is not None:
                    self.above = beside.points["previous"]
                    return row
        self.above = place.start
        steps = draw_list(draw, place, draw.between(1, 4), setting=setting)
        return (steps.steps, steps.current) if steps.steps else None

    def write_head(self, place: Place, setting: Setting, ends: dict[str, str]) -> None:
        draw = self.draw
        if draw.chance(0.25) and ends:
            return self.write_pyramid(place, setting, ends)
        head = draw_list(draw, place, draw.between(0, 3), setting=setting)
        for _ in range(2):
            if draw.chance(0.3):
                draw.choose([add_merge, add_branches])(draw, head, setting)
        if len(head.shape) == 3 and draw.chance(0.8):
            pool = draw.choose([*GLOBAL_POOLS, "flatten"])
            head.add({pool: {"name": draw.name()}} if draw.chance(0.1) else pool)
        if len(head.shape) == 1:
            units = self.plain_or_expression(draw.choose([3, 10]))
            head.add({"dense": {"units": units, "name": "scores", "activation": "softmax"}})
        self.spec["head"] = head.steps
        self.named["head"] = {key: end for key, end in head.place.points.items() if key not in ends}
        self.write_outputs(ends | {"head": head.current}, place.net)
        return None

    def write_pyramid(self, place: Place, setting: Setting, ends: dict[str, str]) -> None:
        """A head that starts at several stages, and has more than one map as output."""
        draw = self.draw
        shapes = {name: place.shape(end) for name, end in ends.items()}
        maps = [name for name, shape in shapes.items() if len(shape) == 3]
        head = draw_list(draw, place, 0, setting=setting)
        wide = draw.choose([2, 4])
        labels = {}
        for name in draw.some(maps, draw.between(1, 3)):
            point = draw.name()
            if head.add({"conv": {"from": name, "filters": wide, "kernel": 1, "name": point}}):
                labels[draw.name()] = f"head.{point}"
                if draw.chance(0.5):
                    add_something(draw, head, replace(setting, keeps=True))
                    last = draw.name()
                    head.add({"relu": {"name": last}})
                    labels[draw.name()] = f"head.{last}"
        self.spec["head"] = head.steps
        if labels:
            self.spec["outputs"] = {
                key: labels[key] for key in draw.some(list(labels), len(labels))
            }

    def write_outputs(self, ends: dict[str, str], net: Net) -> None:
        draw = self.draw
        if not draw.chance(0.3):
            return
        targets = list(ends)
        targets += [f"{part}.{point}" for part, named in self.named.items() for point in named]
        chosen = {"head", *draw.some(targets, draw.between(0, 2))}
        self.spec["outputs"] = {
            draw.name(): target for target in draw.some(sorted(chosen), len(chosen))
        }
