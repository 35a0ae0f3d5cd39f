"""The restricted unpickler: what CIFAR-10 needs is read, everything else is refused before it can
act.
"""

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from archcompile.data.unpickle import loads
from archcompile.errors import DataError
from tests.data.batches import content, python2_batch


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_of_every_protocol(protocol: int) -> None:
    value = {
        b"data": np.arange(6, dtype=np.uint8).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
        b"labels": [1, np.int64(2)],
        "wide": np.array([1, -2], np.int64),
    }
    actual = loads(pickle.dumps(value, protocol), "x")
    assert isinstance(actual, dict)
    by_name = {key if isinstance(key, str) else key.decode(): part for key, part in actual.items()}
    assert by_name["data"].tolist() == by_name["columns"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert by_name["data"].dtype == np.uint8
    assert by_name["labels"] == [1, 2]
    assert by_name["wide"].tolist() == [1, -2]


def test_old_and_new_numpy_by_name() -> None:
    new = pickle.dumps({"data": np.zeros(3, np.uint8)}, 2).replace(b"numpy.core.", b"numpy._core.")
    for data in (new, new.replace(b"numpy._core.", b"numpy.core.")):
        assert loads(data, "x")["data"].tolist() == [0, 0, 0]  # type: ignore[index]


def test_python_2() -> None:
    pixels, labels = content(0)
    actual = loads(python2_batch(0), "x")
    assert np.array_equal(actual[b"data"], pixels)  # type: ignore[index]
    assert actual[b"labels"] == labels  # type: ignore[index]


class _Call:
    def __init__(self, function: object, *arguments: object):
        self.reduction = function, arguments

    def __reduce__(self) -> object:
        return self.reduction


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
STATE = b"(K\x01%s\x85cnumpy\ndtype\nX\x02\x00\x00\x00%s\x85R\x89%stb"

BAD = {
    "os.system": (pickle.dumps(_Call(os.system, "touch ran")), "asks for `posix.system`"),
    "eval": (pickle.dumps({b"data": _Call(eval, "open('ran', 'w')")}), "asks for `builtins.eval`"),
    "getattr, protocol 0": (
        pickle.dumps(_Call(getattr, 1, "real"), 0),
        "asks for `__builtin__.getattr`",
    ),
    "numpy's own loader": (b"cnumpy\nload\n(Vran\ntR.", "asks for `numpy.load`"),
    "dotted name": (
        b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
        "asks for `numpy.ndarray.tofile`",
    ),
    "control characters": (b"cos\nsys\x1b[2Jtem\n.", r"asks for `os.sys\x1b[2Jtem`"),
    "changed function": (
        b"cnumpy\ndtype\n}(X\x03\x00\x00\x00runK\x01ub.",
        "tries to modify a function",
    ),
    "slots of a function": (
        b"cnumpy\ndtype\nN}(X\x03\x00\x00\x00runK\x01u\x86b.",
        "tries to modify a function",
    ),
    "called array": (b"cnumpy\nndarray\n(tR.", "array built by a call"),
    "objects": (
        ARRAY + STATE % (b"K\x01", b"O8", b"C\x08\x00\x00\x00\x00\x00\x00\x00\x00") + b".",
        "dtype 'O8'",
    ),
    "floats": (pickle.dumps(np.zeros(2)), "dtype 'f8'"),
    "larger than its bytes": (
        ARRAY + STATE % (b"M\x10\x27", b"u1", b"C\x01\x00") + b".",
        "(10000,) in 1 bytes",
    ),
    "negative side": (
        ARRAY + STATE % (b"J\xff\xff\xff\xff", b"u1", b"C\x01\x00") + b".",
        "(-1,) in 1 bytes",
    ),
    "codec": (pickle.dumps(_Call(__import__("_codecs").encode, "x", "rot13")), "encoding 'rot13'"),
    "memo bomb": (b"Nr" + struct.pack("<I", 1 << 31) + b".", "memo index"),
    "length bomb": (b"\x80\x04\x8e" + struct.pack("<Q", 1 << 50) + b"x.", "not a readable pickle"),
    "persistent id": (b"Px\n.", "not a readable pickle"),
    "truncated": (pickle.dumps({b"data": np.zeros(99, np.uint8)})[:-20], "not a readable pickle"),
    "empty": (b"", "not a readable pickle"),
    "text": (b"<html>404</html>", "not a readable pickle"),
}


@pytest.mark.parametrize("data, message", BAD.values(), ids=BAD)
def test_refused(
    data: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        loads(data, "data_batch_1")
    assert message in caught.value.message
    assert "data_batch_1" in caught.value.message
    assert not list(tmp_path.iterdir())
