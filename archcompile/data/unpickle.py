"""Reads the pickles of CIFAR-10 and CIFAR-100 without running anything they ask for.

A pickle may name any function of any module. For this reader a few fixed names stand for small
classes and functions of its own, which only keep what they are given; every other name is refused.
NumPy's own reconstruction never sees the file's bytes.
"""

import io
import math
import pickle
import pickletools
import reprlib
from collections.abc import Callable

import numpy as np

from archcompile.errors import DataError, visible

# entries; CPython's memo is an array as long as the largest index a pickle names
MEMO_LIMIT = 1 << 22
# of integers in NumPy's dtypes
CODES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")
ORDERS = ("|", "<", ">", "=")


def loads(data: bytes, name: str) -> object:
    """The object in a pickle of ints, strings, bytes, lists, dicts and integer arrays.

    Strings of Python 2 come out as bytes. Raises DataError, which says `name`, if the pickle is
    damaged or asks for anything else.
    """
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if "PUT" in opcode.name and isinstance(argument, int) and argument > MEMO_LIMIT:
                raise pickle.UnpicklingError(f"memo index {argument}")
        return _replace_stand_ins(_Unpickler(io.BytesIO(data), name).load())
    except DataError:
        raise
    # What a damaged pickle raises is not bounded by the documentation of `pickle` ("AttributeError,
    # EOFError, ImportError, IndexError and others"); nothing of ours but this module runs inside.
    except Exception as error:
        raise DataError(
            f"{name}: not a readable pickle: {visible(str(error)) or type(error).__name__}"
        ) from error


class _Array:
    """Stands for an ndarray while the pickle is read: keeps shape, dtype and bytes as stated."""

    __slots__ = ("array",)

    def __init__(self) -> None:
        self.array: np.ndarray | None = None

    def __setstate__(self, state: tuple[object, ...]) -> None:
        _, shape, dtype, fortran, raw = state
        self.array = _array(raw, dtype, shape, order="F" if fortran else "C")


class _DType:
    """Stands for a dtype: an integer code such as `u1`, and the byte order that its state adds."""

    __slots__ = ("code", "order")

    def __init__(self, code: object, *_: object) -> None:
        self.code = code.decode("ascii") if isinstance(code, bytes) else code
        self.order = "|"

    def __setstate__(self, state: tuple[object, ...]) -> None:
        self.order = state[1].decode("ascii") if isinstance(state[1], bytes) else str(state[1])

    def dtype(self) -> np.dtype:
        if self.code not in CODES or self.order not in ORDERS:
            raise pickle.UnpicklingError(
                f"expected an array of integers, got dtype {reprlib.repr(self.code)}"
            )
        return np.dtype(f"{self.order}{self.code}")


class _Name:
    """A global that a pickle may name, and whose attributes a pickle's BUILD cannot set."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[..., object]):
        self.run = run

    def __call__(self, *arguments: object) -> object:
        return self.run(*arguments)

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("the pickle tries to modify a function")


def _array(raw: object, dtype: object, shape: object, *, order: object) -> np.ndarray:
    if not (
        isinstance(raw, bytes | bytearray)
        and isinstance(dtype, _DType)
        and isinstance(shape, tuple)
    ):
        raise pickle.UnpicklingError("an array without shape, dtype and bytes")
    kind = dtype.dtype()
    are_sizes = all(type(n) is int and n >= 0 for n in shape)
    if not are_sizes or math.prod(shape) * kind.itemsize != len(raw):
        raise pickle.UnpicklingError(f"an array of shape {reprlib.repr(shape)} in {len(raw)} bytes")
    return np.frombuffer(raw, kind).reshape(shape, order="F" if order == "F" else "C")


def _scalar(dtype: _DType, raw: bytes) -> int:
    return int(_array(raw, dtype, (), order="C"))


def _encode(text: str, encoding: str = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"text in encoding {reprlib.repr(encoding)}")
    return text.encode("latin1")


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _frombuffer(raw: object, dtype: object, shape: object, order: object) -> np.ndarray:
    """Called by a pickle, so by position."""
    return _array(raw, dtype, shape, order=order)


def _ndarray(*_: object) -> object:
    raise pickle.UnpicklingError("an array built by a call")


def _names() -> dict[tuple[str, str], _Name]:
    """The globals of integer arrays, as any Python, NumPy and protocol (0 to 5) writes them."""
    functions: dict[tuple[str, str], Callable[..., object]]
    functions = {
        ("numpy", "ndarray"): _ndarray,
        ("numpy", "dtype"): _DType,
        ("_codecs", "encode"): _encode,
    }
    for core in ("numpy.core", "numpy._core"):
        functions[core + ".multiarray", "_reconstruct"] = _reconstruct
        functions[core + ".multiarray", "scalar"] = _scalar
        functions[core + ".numeric", "_frombuffer"] = _frombuffer
    return {key: _Name(run) for key, run in functions.items()}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, name: str):
        super().__init__(file, encoding="bytes")
        self.name = name
        self.names = _names()

    def find_class(self, module: str, name: str) -> object:
        global_name = self.names.get((module, name))
        if global_name is None:
            raise DataError(
                f"{self.name}: the pickle asks for `{visible(f'{module}.{name}')}`, which images "
                "and labels do not need: refused, nothing was executed",
                hint="get the data from a source you trust: archc data fetch",
            )
        return global_name


def _replace_stand_ins(value: object) -> object:
    """Arrays in place of their stand-ins, directly in a dict; nobody reads deeper ones."""
    if not isinstance(value, dict):
        return value
    return {key: part.array if isinstance(part, _Array) else part for key, part in value.items()}
