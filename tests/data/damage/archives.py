"""CIFAR-10 in its archive, and the pickles in it."""

import gzip
import io
import os
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np

from tests.data.batches import content, small_files
from tests.data.damage.kinds import EVIL, Call, kind

CIFAR = "cifar-10-batches-py/"


def pack(members: list[tuple[str, bytes | None, dict[str, object]]]) -> bytes:
    """A gzipped tar of (name, content, further attributes of the entry)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, data, further in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data or b"")
            for key, value in further.items():
                setattr(entry, key, value)
            tar.addfile(entry, io.BytesIO(data or b""))
    return out.getvalue()


def members(**changes: bytes | None) -> list[tuple[str, bytes | None, dict[str, object]]]:
    return [
        (CIFAR + name, data, {})
        for name, data in (small_files() | changes).items()
        if data is not None
    ]


def archive(
    root: Path, *more: tuple[str, bytes | None, dict[str, object]], **changes: bytes | None
) -> None:
    (root / "cifar.tar.gz").write_bytes(pack([*more, *members(**changes)]))


@kind("archive", "cifar.tar.gz", "truncated")
def tar_cut_short(root: Path) -> None:
    os.truncate(root / "cifar.tar.gz", (root / "cifar.tar.gz").stat().st_size // 2)


@kind("archive", "cifar.tar.gz", "truncated")
def tar_with_a_flipped_bit(root: Path) -> None:
    data = bytearray((root / "cifar.tar.gz").read_bytes())
    data[len(data) // 2] ^= 4
    (root / "cifar.tar.gz").write_bytes(data)


@kind("archive", "cifar.tar.gz", "not a readable tar archive")
def tar_that_is_text(root: Path) -> None:
    (root / "cifar.tar.gz").write_text("404 not found")


@kind("archive", "cifar.tar.gz", "not a readable tar archive")
def tar_that_is_empty(root: Path) -> None:
    (root / "cifar.tar.gz").write_bytes(b"")


@kind("archive", "cifar.tar.gz", "missing among the files of CIFAR-10: test_batch")
def tar_that_climbs_out(root: Path) -> None:
    climbing = (f"{CIFAR}../../escaped/test_batch", b"x", {})
    archive(
        root,
        climbing,
        ("../escaped", b"x", {}),
        (f"{CIFAR}../test_batch", b"x", {}),
        test_batch=None,
    )


@kind("archive", "cifar.tar.gz", "missing among the files of CIFAR-10: test_batch")
def tar_with_an_absolute_path(root: Path) -> None:
    archive(
        root,
        (f"{root.parent}/escaped", b"x", {}),
        (f"/{CIFAR}test_batch", b"x", {}),
        test_batch=None,
    )


@kind("archive", "cifar.tar.gz", "data_batch_1 appears twice, or is not a plain file")
def tar_with_a_symbolic_link(root: Path) -> None:
    archive(
        root, (f"{CIFAR}data_batch_1", None, {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})
    )


@kind("archive", "cifar.tar.gz", "data_batch_1 appears twice, or is not a plain file")
def tar_with_a_hard_link(root: Path) -> None:
    archive(
        root,
        (f"{CIFAR}data_batch_1", None, {"type": tarfile.LNKTYPE, "linkname": "../outside/secret"}),
    )


@kind("archive", "cifar.tar.gz", "meta appears twice, or is not a plain file")
def tar_with_a_pipe(root: Path) -> None:
    archive(root, (f"{CIFAR}batches.meta", None, {"type": tarfile.FIFOTYPE}))


@kind("archive", "cifar.tar.gz", "test_batch appears twice")
def tar_with_a_file_twice(root: Path) -> None:
    archive(root, (f"{CIFAR}test_batch", small_files()["test_batch"], {}))


@kind("archive", "cifar.tar.gz", "too many or too large entries")
def tar_with_very_many_entries(root: Path) -> None:
    archive(root, *((f"{CIFAR}extra_{i}", b"", {}) for i in range(100)))


@kind("archive", "cifar.tar.gz", "too many or too large entries")
def tar_with_an_entry_that_claims_a_terabyte(root: Path) -> None:
    entry = tarfile.TarInfo(f"{CIFAR}data_batch_1")
    entry.size = 1 << 40
    (root / "cifar.tar.gz").write_bytes(
        gzip.compress(entry.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
    )


@kind("archive", "cifar.tar.gz", "unpacks to more than 400 MiB")
def tar_that_unpacks_to_more_than_it_may(root: Path) -> None:
    entry = tarfile.TarInfo("readme")
    entry.size = 150 << 20
    with gzip.open(root / "cifar.tar.gz", "wb", compresslevel=1) as out:
        for name in ("cifar-10-batches-py/readme", "b", "c"):
            entry.name = name
            out.write(entry.tobuf())
            for _ in range(150):
                out.write(bytes(1 << 20))


@kind("archive", "cifar.tar.gz", "missing among the files of CIFAR-10: data_batch_3")
def tar_without_a_batch(root: Path) -> None:
    archive(root, data_batch_3=None)


# the pickles in it


def changed_pickle(name: str, **changes: object) -> bytes:
    """A batch, or the file of names, with other values."""
    return pickle.dumps(
        pickle.loads(small_files()[name]) | {key.encode(): value for key, value in changes.items()}
    )


@kind("archive", "test_batch", "asks for `posix.system`")
def pickle_that_runs_a_command(root: Path) -> None:
    archive(root, test_batch=pickle.dumps(EVIL))


@kind("archive", "data_batch_2", "asks for `posix.system`")
def pickle_that_runs_a_command_for_its_labels(root: Path) -> None:
    archive(root, data_batch_2=changed_pickle("data_batch_2", labels=EVIL))


@kind("archive", "data_batch_2", "asks for `builtins.eval`")
def pickle_that_evaluates_python(root: Path) -> None:
    archive(root, data_batch_2=changed_pickle("data_batch_2", data=Call(eval, "open('ran', 'w')")))


@kind("archive", "data_batch_1", "memo index")
def pickle_that_takes_all_memory(root: Path) -> None:
    archive(root, data_batch_1=b"Nr" + struct.pack("<I", 1 << 31) + b".")


@kind("archive", "data_batch_1", "not a readable pickle")
def pickle_cut_short(root: Path) -> None:
    archive(root, data_batch_1=small_files()["data_batch_1"][:-99])


@kind("archive", "test_batch", "expected a pickled dict, got list")
def pickle_of_a_list(root: Path) -> None:
    archive(root, test_batch=pickle.dumps([1]))


@kind("archive", "test_batch", "expected an array of integers, got dtype 'f8'")
def pickle_of_images_with_nan(root: Path) -> None:
    archive(root, test_batch=changed_pickle("test_batch", data=np.full((4, 3072), np.nan)))


@kind("archive", "test_batch", "expected `data`, uint8 (N, 3072), got uint8 (4, 3071)")
def pickle_of_a_wrong_shape(root: Path) -> None:
    archive(root, test_batch=changed_pickle("test_batch", data=np.zeros((4, 3071), np.uint8)))


@kind("archive", "data_batch_4", "labels from 0 to 9, got 10")
def pickle_of_a_class_too_many(root: Path) -> None:
    archive(root, data_batch_4=changed_pickle("data_batch_4", labels=[0, 1, 2, 10]))


@kind("archive", "data_batch_4", "`labels`, 4 integers, got a list of 3")
def pickle_of_a_label_too_few(root: Path) -> None:
    archive(root, data_batch_4=changed_pickle("data_batch_4", labels=[0, 1, 2]))


@kind("archive", "data_batch_5", "expected 4 images like the others, got 3")
def pickle_of_an_image_too_few(root: Path) -> None:
    archive(
        root, data_batch_5=changed_pickle("data_batch_5", data=content(0, 3)[0], labels=[1, 2, 3])
    )


@kind("archive", "batches.meta", "10 different names")
def pickle_of_one_name_for_all_classes(root: Path) -> None:
    archive(root, **{"batches.meta": changed_pickle("batches.meta", label_names=[b"cat"] * 10)})
