"""What a new name or a remedy writes into files that are not open, and what it leaves alone."""

from pathlib import Path

import pytest

from archcompile.editor import Place, Position, Span, TextEdit, Workspace
from archcompile.errors import ArchError, UsageError
from archcompile.studio.draft import ChangedOnDisk
from archcompile.studio.opening import Studio, open_studio
from archcompile.studio.text_questions import definition, references
from archcompile.studio.tree_edits import TreeChanges, edit_others
from tests.report.written_runs import write_run

LIBRARY = "archc: 1\r\nblocks:\r\n  unit: [conv: {filters: 3, kernel: 3}]\r\n"
SPEC = "archc: 1\nuses: [lib.yaml, out.yaml]\ninput: [8, 8, 3]\nstages:\n  s1: {block: unit}\n"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A spec with a library in its tree, and a link that leads out of it."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "net.yaml").write_text(SPEC)
    (project / "lib.yaml").write_bytes(LIBRARY.encode())
    (tmp_path / "secret.yaml").write_text(LIBRARY)
    (project / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    return open_studio(str(project / "net.yaml"), tmp_path / "runs")


def rename_in(file: Path) -> tuple[TextEdit, ...]:
    span = Span(Position(3, 3), Position(3, 7))
    return (TextEdit(Place(file, span), "cell"),)


def test_another_file_is_written_as_it_was(studio: Studio) -> None:
    """With its line ends; the open file is the browser's."""
    library = studio.tree.folder / "lib.yaml"
    edits = (*rename_in(library), *rename_in(studio.draft.file))
    (changed,) = edit_others(studio.tree, Workspace(), studio.draft.file, edits=edits)
    assert library.read_bytes() == LIBRARY.encode(), "not before it is saved"
    changed.save()
    assert library.read_bytes() == LIBRARY.replace("unit", "cell").encode()
    assert studio.draft.file.read_text() == SPEC


def test_what_another_program_writes_meanwhile_stays(studio: Studio) -> None:
    library = studio.tree.folder / "lib.yaml"
    workspace = Workspace()
    (changed,) = edit_others(studio.tree, workspace, studio.draft.file, edits=rename_in(library))
    library.write_text("theirs")
    with pytest.raises(ChangedOnDisk):
        changed.save()
    workspace.open(library, LIBRARY)
    with pytest.raises(UsageError, match="by another program"):
        edit_others(studio.tree, workspace, studio.draft.file, edits=rename_in(library))
    assert library.read_text() == "theirs"


def test_a_change_of_other_files_is_taken_back(studio: Studio) -> None:
    library, changes = studio.tree.folder / "lib.yaml", TreeChanges()
    number = changes.begin()
    edits = rename_in(library)
    changes.write(number, edit_others(studio.tree, Workspace(), studio.draft.file, edits=edits))
    renamed = LIBRARY.replace("unit", "cell").encode()
    for is_undone, content in (
        (True, LIBRARY.encode()),
        (False, renamed),
        (True, LIBRARY.encode()),
    ):
        assert changes.turn(number, studio.tree, is_undone=is_undone) == (library,)
        assert library.read_bytes() == content
    assert changes.turn(number + 1, studio.tree, is_undone=True) == ()


@pytest.mark.parametrize("since", ["theirs", "a link"])
def test_what_was_changed_since_is_not_taken_back(since: str, studio: Studio) -> None:
    """Nor is any other file of the same change."""
    library, second = (studio.tree.folder / name for name in ("lib.yaml", "second.yaml"))
    second.write_text(LIBRARY)
    changes = TreeChanges()
    number = changes.begin()
    edits = (*rename_in(second), *rename_in(library))
    changes.write(number, edit_others(studio.tree, Workspace(), studio.draft.file, edits=edits))
    renamed = LIBRARY.replace("unit", "cell")
    if since == "theirs":
        library.write_text(f"{renamed}# theirs")
    else:
        outside = studio.tree.folder.parent / "secret.yaml"
        outside.write_text(renamed)
        library.unlink()
        library.symlink_to(outside)
    before = library.read_text()
    with pytest.raises(UsageError, match="lib.yaml was changed since"):
        changes.turn(number, studio.tree, is_undone=True)
    assert library.read_text() == before and "cell" in second.read_text()


@pytest.mark.parametrize("name", ["out.yaml", "../secret.yaml", "/etc/hosts"])
def test_no_edit_leads_out(name: str, studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(ArchError, match="outside"):
        edit_others(
            studio.tree,
            Workspace(),
            studio.draft.file,
            edits=rename_in(studio.tree.folder / name),
        )
    assert (tmp_path / "secret.yaml").read_text() == LIBRARY.replace("\r\n", "\n")


def test_a_run_is_never_changed(studio: Studio) -> None:
    run = write_run(studio.tree.folder / "runs/first")
    with pytest.raises(UsageError, match="belongs to a run"):
        edit_others(
            studio.tree,
            Workspace(),
            studio.draft.file,
            edits=rename_in(run / "resolved.yaml"),
        )


def test_places_show_nothing_from_outside(studio: Studio) -> None:
    """A library that a link leads to is no part of the tree, whatever names it."""
    for ask in (definition, references):
        for word in ("out.yaml", "unit"):
            shown = ask(studio, SPEC, SPEC.index(word) + 1)
            assert not any("secret" in file or "out" in file for file in shown["texts"])
    (place,) = definition(studio, SPEC, SPEC.index("unit") + 1)["places"]
    assert place["words"] == "lib.yaml:3" and place["at"] is None
