"""A value that an argument cannot have is refused in one way, by every function and method."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest

import archcompile
from archcompile import interface
from archcompile.errors import UsageError


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Those of the package, and the methods of what they return."""
    offered = [getattr(archcompile, name) for name in dir(archcompile)]
    offered += [getattr(interface, name) for name in dir(interface)]
    for value in offered:
        if inspect.isfunction(value) and getattr(archcompile, value.__name__, None) is value:
            yield value.__name__, value
        elif inspect.isclass(value):
            for name, method in inspect.getmembers(value, inspect.isfunction):
                if not name.startswith("_"):
                    yield f"{value.__name__}.{name}", method


def kinds(annotation: Any) -> Sequence[Any]:
    is_union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if is_union else (annotation,)


def wrong_values() -> Iterator[Any]:
    """A wrong value for each kind of each argument, with words of the message."""
    for function_name, function in dict(public_functions()).items():
        for name, parameter in inspect.signature(function).parameters.items():
            of_parameter = kinds(parameter.annotation)
            for kind in of_parameter:
                if get_origin(kind) is Literal:
                    word = get_args(kind)[0]
                    wrong, words = word[:-1], f"did you mean `{word}`?"
                elif get_origin(kind) is Annotated:
                    wrong, words = get_args(kind)[1].least - 1, "a whole number of at least"
                elif kind is bool:
                    wrong, words = "no", "expected True or False, got 'no'"
                elif get_origin(kind) is Sequence and str not in of_parameter:
                    wrong, words = (
                        "a=1",
                        f"expected a list, got 'a=1'\n  help: in brackets: {name}=",
                    )
                else:
                    continue
                yield pytest.param(function, name, wrong, words, id=f"{function_name}-{name}")


WRONG = list(wrong_values())


@pytest.mark.parametrize(("function", "name", "wrong", "words"), WRONG)
def test_a_wrong_value_is_refused(
    function: Callable[..., Any], name: str, wrong: Any, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        function(**{name: wrong})
    assert str(caught.value).startswith(f"`{name}`: expected ") and words in str(caught.value)


def test_every_function_is_looked_at() -> None:
    expected = {
        *("cost-level", "cost-batch", "draw-style", "export-format", "runs-sort", "train-kernels"),
        *("LayerGraph.to_source-style", "TrainedRun.to_keras-checkpoint", "compile-sets"),
    }
    assert expected <= {row.id for row in WRONG}


def test_every_whole_number_has_a_bound() -> None:
    unbound = [
        (name, parameter.name)
        for name, function in public_functions()
        for parameter in inspect.signature(function).parameters.values()
        if int in kinds(parameter.annotation)
    ]
    assert not unbound


OTHERS: list[tuple[Callable[[], Any], str]] = [
    (lambda: archcompile.export("resnet_v1_20", "sorce"), "`format`: expected source, keras, "),  # type: ignore[arg-type]
    (lambda: archcompile.compile({"archc": 1}), "got a value of type dict\n.*compile_text"),  # type: ignore[arg-type]
    (lambda: archcompile.train({"archc": 1}), "got a value of type dict\n.*compile_text"),  # type: ignore[arg-type]
    (
        lambda: archcompile.summary("archc: 1\ninput: [8, 8, 1]"),
        "the text of a spec\n.*compile_text",
    ),
    (lambda: archcompile.load_run(3), "expected the folder of a run.* got a value of type int"),  # type: ignore[arg-type]
    (lambda: archcompile.evaluate(3), "expected the folder of a run.* got a value of type int"),  # type: ignore[arg-type]
    (lambda: archcompile.verify("resnet_v1_20", "x", input=(8, 8)), "`input`: expected 3 values, "),  # type: ignore[arg-type]
    (lambda: archcompile.train("resnet_v1_20", time_limit=600), "`time_limit`: expected text"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "message"), OTHERS)
def test_other_wrong_values(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()


def test_what_fits_is_let_through() -> None:
    numpy = pytest.importorskip("numpy")
    cost = archcompile.cost("resnet_v1_20", batch=numpy.int64(2), sets=("shortcut=none",))
    assert cost.training.batch == 2
