"""A folder of images with a table of their labels (see `label_table`), in memory or streamed."""

import hashlib
import os

from archcompile.data.dataset import DataRequest, Dataset, Digest, Split
from archcompile.data.folder import form_of, hold_images, orientation, sample_headers, size_of
from archcompile.data.image_store import ImageFiles
from archcompile.data.label_table import LabelTable, read_label_table
from archcompile.errors import UsageError


def load(request: DataRequest) -> Dataset:
    """All splits, uint8 (N, H, W, C), with labels int64 (N, classes), as `folder.load` does.

    Raises DataError naming the file, or the line and column of the table.
    """
    root, wants = request.place, request.wants
    if root is None:
        raise UsageError(
            "a folder of images with several labels needs its path",
            hint="--data PATH, or --data multi_label --data-dir PATH",
        )
    table = read_label_table(root, wants.holdout, request.seed)
    if table.bad:
        raise table.bad[0]
    form, survey, streams = form_of(table.paths, request)
    notes = [*table.notes]
    if streams or survey is None:
        splits = [
            Split(ImageFiles(tuple(part.paths), form.shape, form.decode), part.labels)
            for part in table.parts
        ]
        content = listing(table)
        notes.append("images are read from their files as they are needed")
    else:
        digest = Digest(table.classes)
        splits = [
            Split(
                hold_images(part.paths, form, survey, digest=digest, labels=part.labels),
                part.labels,
            )
            for part in table.parts
        ]
        content = digest.hex()
        if survey.grey and survey.colour:
            notes.append(f"grey images read as RGB, like the others: {survey.grey}")
    notes += orientation(survey or sample_headers(table.paths))
    train, test, *validation = splits
    return Dataset(
        name="multi_label",
        label=f"multi_label {root.resolve().name}",
        train=train,
        test=test,
        classes=table.classes,
        fingerprint=content,
        place=str(root),
        fit=form.fit,
        notes=tuple(notes),
        validation=validation[0] if validation else None,
        validation_from="validation" if validation else None,
    )


def listing(table: LabelTable) -> str:
    """The fingerprint of files that are not read: `listing:` and a sha256 (hex).

    It is over the labels' names, and for each image of all splits the path below the root, the size
    in bytes and its labels.
    """
    digest = hashlib.sha256()
    for name in table.classes:
        digest.update(repr(name).encode())
    for part in table.parts:
        for path, labels in zip(part.paths, part.labels.tolist(), strict=True):
            below_root = os.fsencode(os.path.relpath(path, table.root))
            digest.update(below_root + f"\0{size_of(path)}\0{labels}\0".encode())
    return f"listing:{digest.hexdigest()}"
