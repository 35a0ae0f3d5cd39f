"""How to set the number of classes of a spec: by a variable, or by a path to its last `dense`."""

from collections.abc import Iterator

from archcompile.spec.expressions import free_variables, is_expression, names_in
from archcompile.spec.yaml import Map, Scalar, Seq, Tree, parse

# what people call the length of the output
WORDS = (
    "classes",
    "num_classes",
    "n_classes",
    "nb_classes",
    "labels",
)


def class_setting(tree: Tree, count: object) -> str | None:
    """`--set K=V` for a network with `count` classes, or what makes one possible.

    None where the head has no `dense` step.
    """
    steps = list(_dense_steps(tree.get("head"))) if isinstance(tree, Map) else []
    if not steps or not isinstance(tree, Map):
        return None
    units, name = steps[-1].get("units"), steps[-1].get("name")
    variable = _variable(units, tree.get("vars"))
    if variable:
        return f"--set {variable}={count}"
    if isinstance(name, Scalar):
        return f"--set head.{name.value}.units={count}"
    return (
        "give the last `dense` a name, such as `name: scores`, then --set "
        f"head.scores.units={count}"
    )


def class_setting_of(text: str, count: object) -> str | None:
    """The same for a spec as text; None without one."""
    return class_setting(parse(text, ""), count) if text else None


def _dense_steps(steps: Tree | None) -> Iterator[Map]:
    """The attributes of the `dense` steps of a list."""
    for step in steps if isinstance(steps, Seq) else ():
        attributes = step.get("dense") if isinstance(step, Map) else None
        if isinstance(attributes, Map):
            yield attributes


def _variable(units: Tree | None, variables: Tree | None) -> str | None:
    """The variable that the units are, alone and as given."""
    if (
        not isinstance(units, Scalar)
        or not is_expression(units.value)
        or not isinstance(variables, Map)
    ):
        return None
    (name, *more) = names_in(units) or ("",)
    is_alone = not more and units.value in (f"${name}", f"$({name})") and name in variables
    return name if is_alone and free_variables(name, variables.entries) == {name} else None
