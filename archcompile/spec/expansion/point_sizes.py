"""Steps that take their size from a point: `resize: {with: NAME}` is written out as numbers."""

from dataclasses import replace

from archcompile.ops import REGISTRY, show
from archcompile.spec.expansion.scope import Scope, misfit
from archcompile.spec.expansion.walk_state import State
from archcompile.spec.language import Step
from archcompile.spec.yaml import Entry, Map, Scalar, Seq, submap


def with_size(state: State, step: Step, scope: Scope) -> Step:
    """The step with the size of the point that its `with` names, if it is one of these steps.

    The point is no input of it. Raises SpecError unless the point is a map, or where neither the
    step nor a default says a size.
    """
    attribute = REGISTRY[step.kind].sized_by
    if attribute is None:
        return step
    if not step.operands and REGISTRY[step.kind].model_fields[attribute].is_required():
        levels = (submap(level.tree, step.kind) for level in scope.defaults)
        if not any(attribute in level for level in (step.attributes, *levels)):
            raise misfit(
                "missing-key",
                f"'{step.kind}' needs either `{attribute}` or `with`",
                step.at,
                used_at=scope.used_at,
                hint="`with: NAME` takes the size of the map at that point",
            )
    if not step.operands:
        return step
    (point,) = step.operands
    shape = state.network.shape(state.point(point, step, scope))
    if len(shape) != 3:
        raise misfit(
            "shape-mismatch",
            f"expected a map at '{point.name}', whose size `{step.kind}` takes, got {show(shape)}",
            point.at,
            used_at=scope.used_at,
            hint="name a point before `flatten` or a global pool",
        )
    size = Seq(tuple(Scalar(number, step.at) for number in shape[:2]), step.at)
    entries = {**step.attributes.entries, attribute: Entry(size, step.at)}
    return replace(step, attributes=Map(entries, step.attributes.at), operands=())
