"""The nodes written out so far: each fits its inputs, and all together stay within the limits."""

from collections.abc import Sequence
from itertools import islice
from math import prod

from archcompile.errors import Location, ShapeError, SpecError
from archcompile.limits import MAX_PARAMS, MAX_VALUES
from archcompile.ops import Input, Op, Shape, show
from archcompile.spec.expansion.node import Node, Origin
from archcompile.spec.expansion.op_values import OpValues
from archcompile.spec.expansion.scope import MORE_NODES, Scope, misfit
from archcompile.spec.expressions import shape_facts
from archcompile.spec.language import INPUT, Step
from archcompile.spec.yaml import fail


class Network:
    """Nodes in the order in which they are written out, and where shortcuts join."""

    def __init__(self, max_nodes: int):
        self.max_nodes = max_nodes
        self.nodes: dict[str, Node] = {}
        self.joins: list[str] = []
        self._params = 0

    def __len__(self) -> int:
        return len(self.nodes)

    def shape(self, node: str) -> Shape:
        return self.nodes[node].shape

    def facts(self, node: str, point: str = "in") -> dict[str, int]:
        """What expressions see of the shape at a node, which they call `point`.

        A vector has channels alone.
        """
        return dict(zip(reversed(shape_facts(point)), reversed(self.shape(node)), strict=False))

    # ---- adding nodes ----------------------------------------------------------------------------

    def put_input(self, op: Input, at: Location) -> str:
        """Enter the input. Raises SpecError where it is too large."""
        values = prod(op.dims)
        if values > MAX_VALUES:
            raise fail(
                "too-large",
                f"the input would hold {values:,} values, at most {MAX_VALUES:,} are taken",
                at,
            )
        origin = Origin(location=at, part=INPUT)
        self.nodes[INPUT] = Node(name=INPUT, op=op, inputs=(), shape=op.dims, origin=origin)
        return INPUT

    def put(self, name: str, op: Op, inputs: Sequence[str], *, step: Step, scope: Scope) -> str:
        """Enter a node. Raises SpecError where it does not fit, with the lines of its inputs."""
        self._check_place(name, op, len(inputs), step=step, scope=scope)
        shape = self._output_shape(name, op, inputs, step=step, scope=scope)
        self._check_size(name, op, inputs, shape=shape, step=step, scope=scope)
        op = op.shortest(*(self.shape(source) for source in inputs))
        origin = Origin(
            location=step.at,
            part=scope.part,
            block=scope.block,
            unit=scope.unit,
            rule=scope.rule,
            used_at=scope.used_at,
            allow=(*scope.allow, *step.allow),
            row=scope.row,
            inner=scope.inner,
            rows=scope.rows,
            l2_at=OpValues.of(step, scope).place_of("l2") if getattr(op, "l2", 0) else None,
        )
        self.nodes[name] = Node(name=name, op=op, inputs=tuple(inputs), shape=shape, origin=origin)
        return name

    def _check_place(self, name: str, op: Op, inputs: int, *, step: Step, scope: Scope) -> None:
        """Raises SpecError where the name is taken, a node too many, or inputs are missing."""
        used_at = scope.used_at
        if name in self.nodes:
            raise misfit(
                "name-taken",
                f"two nodes would have the name '{name}'",
                step.at,
                used_at=used_at,
                hint="choose another name" if step.name else "name the step",
                notes=(("first here", self.nodes[name].origin.location),),
            )
        if len(self.nodes) >= self.max_nodes:
            message = f"the network has more than {self.max_nodes:,} layers"
            raise misfit("too-large", message, step.at, hint=MORE_NODES, used_at=used_at)
        least, most = op.arity
        if inputs < least or (most is not None and inputs > most):
            expected = f"{least}" if least == most else f"at least {least}"
            message = f"{op.kind}: expected {expected} inputs, got {inputs}"
            raise misfit("wrong-type", message, step.at, used_at=used_at)

    def _output_shape(
        self, name: str, op: Op, inputs: Sequence[str], *, step: Step, scope: Scope
    ) -> Shape:
        """The shape of an op's output. Raises SpecError where its inputs do not fit."""
        shapes = [self.shape(source) for source in inputs]
        try:
            return op.shape(*shapes)
        except ShapeError as error:
            sources = [self.nodes[source] for source in inputs]
            raised = misfit(
                error.code,
                f"{name}: {error.message}",
                step.at,
                used_at=scope.used_at,
                hint=error.hint,
                notes=tuple(
                    (f"{show(node.shape)} comes from {node.name}", node.origin.location)
                    for node in sources
                ),
            )
            values = OpValues.of(step, scope)
            raise SpecError(
                [values.blame_value(d, error, shapes) for d in raised.diagnostics]
            ) from None

    def _check_size(
        self,
        name: str,
        op: Op,
        inputs: Sequence[str],
        *,
        shape: Shape,
        step: Step,
        scope: Scope,
    ) -> None:
        """Raises SpecError where the output, or the network with this node, is too large."""
        if prod(shape) > MAX_VALUES:
            message = (
                f"{name} would hold {prod(shape):,} values for one image, at most {MAX_VALUES:,} "
                "are taken"
            )
            raise misfit("too-large", message, step.at, used_at=scope.used_at)
        weights = op.weights(*(self.shape(source) for source in inputs))
        self._params += sum(prod(weight.shape) for weight in weights)
        if self._params > MAX_PARAMS:
            message = (
                f"with {name} the network has {self._params:,} parameters, at most {MAX_PARAMS:,} "
                "are taken"
            )
            raise misfit("too-large", message, step.at, used_at=scope.used_at)

    # ---- taking them back ------------------------------------------------------------------------

    def nodes_since(self, count: int) -> list[str]:
        """The nodes added since there were `count`, the last one first."""
        # read from the end: it costs what it yields
        return list(islice(reversed(self.nodes), len(self.nodes) - count))

    def cut_back(self, count: int) -> None:
        """Remove the nodes added since there were `count`."""
        for name in self.nodes_since(count):
            del self.nodes[name]
        self.joins = [name for name in self.joins if name in self.nodes]
