"""What the studio reads and writes, and how a text is kept."""

import os
from pathlib import Path

import pytest

from archcompile.errors import DataError, UsageError
from archcompile.limits import MAX_YAML_BYTES
from archcompile.studio.draft import ChangedOnDisk, Draft, FileText, checksum
from archcompile.studio.opening import open_studio
from archcompile.studio.spec_tree import SpecTree
from tests.report.written_runs import write_run

TEXT = "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 2, kernel: 3}]\n"


@pytest.fixture
def tree(tmp_path: Path) -> SpecTree:
    """A tree with a spec, beside it a secret, runs, and links that lead out."""
    inside = tmp_path / "project"
    (inside / "more").mkdir(parents=True)
    (inside / "net.yaml").write_text(TEXT)
    (inside / "more/other.yaml").write_text(TEXT)
    (tmp_path / "secret.yaml").write_text("secret")
    (tmp_path / "secret").mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inside / "linked").symlink_to(tmp_path / "secret")
    (inside / "circle").symlink_to(inside / "circle")
    write_run(tmp_path / "runs/a")
    (tmp_path / "runs/a/report.html").write_text("<p>a report</p>")
    write_run(tmp_path / "runs/linked")
    (tmp_path / "runs/linked/report.html").symlink_to(tmp_path / "secret.yaml")
    write_run(tmp_path / "hidden")
    (tmp_path / "hidden/report.html").write_text("hidden")
    (tmp_path / "runs/out").symlink_to(tmp_path / "hidden")
    return SpecTree.around(inside / "net.yaml", tmp_path / "runs")


WAYS_OUT = [
    "../secret.yaml",
    "more/../../secret.yaml",
    "link.yaml",
    "linked/x.yaml",
    "circle/x.yaml",
    "/etc/passwd.yaml",
    "..\\secret.yaml",
    "a\0.yaml",
    "../project.yaml",
    "x" * 5000 + ".yaml",
]


@pytest.mark.parametrize("name", WAYS_OUT, ids=range(len(WAYS_OUT)))
def test_no_way_leads_out(name: str, tree: SpecTree) -> None:
    with pytest.raises(UsageError):
        tree.find_spec(name)
    with pytest.raises(UsageError):
        Draft(tree.folder / "net.yaml", None, TEXT).save_copy(tree.place_for(name))
    assert (tree.folder.parent / "secret.yaml").read_text() == "secret"


def test_what_can_be_read(tree: SpecTree) -> None:
    assert tree.find_spec("net.yaml").read_text() == TEXT
    assert tree.find_spec("more/other.yaml").name == "other.yaml"
    assert tree.find_spec("resnet_v1_20").is_file(), "what ships is for all to read"
    listed = tree.list_specs()
    assert listed[:2] == ["more/other.yaml", "net.yaml"] and "resnet_50" in listed
    assert "link.yaml" not in listed


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("a", "resolved.yaml"),
        ("a", "../a/report.html"),
        ("../hidden", "report.html"),
        ("out", "report.html"),
        ("linked", "report.html"),
        ("..", "secret.yaml"),
        ("/etc", "passwd"),
        ("", "report.html"),
        ("x" * 5000, "report.html"),
    ],
    ids=range(9),
)
def test_of_runs_only_reports_and_curves_are_shown(run: str, name: str, tree: SpecTree) -> None:
    with pytest.raises(UsageError):
        tree.run_file(run, name)


def test_a_report_is_shown(tree: SpecTree) -> None:
    assert tree.run_file("a", "report.html").read_text() == "<p>a report</p>"
    without = SpecTree(tree.folder, tree.folder / "none")
    with pytest.raises(UsageError, match="no such run"):
        without.run_file("a", "report.html")


@pytest.mark.parametrize(
    "content", [TEXT, TEXT.replace("\n", "\r\n"), f"\ufeff{TEXT}", "", "no end", "a\n\n\n", "ä😀\n"]
)
def test_saving_changes_nothing_but_the_text(content: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(content.encode())
    draft = Draft.open(file)
    assert draft.is_saved and "\r" not in draft.text and "\ufeff" not in draft.text
    draft.text += "# more\n"
    draft.save()
    ending = "\r\n" if "\r\n" in content else "\n"
    assert file.read_bytes() == (content + f"# more{ending}").encode()
    assert draft.is_saved


def test_what_others_wrote_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    draft = Draft.open(file)
    draft.text += "# mine\n"
    file.write_text("theirs")
    file.chmod(0o600)
    with pytest.raises(ChangedOnDisk):
        draft.save()
    assert file.read_text() == "theirs"
    draft.save(over_changes=True)
    assert file.read_text().endswith("# mine\n")
    assert file.stat().st_mode & 0o777 == 0o600, "who may read it stays"


def test_a_copy_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "there.yaml").write_text("theirs")
    draft = Draft(tmp_path / "a.yaml", None, TEXT)
    with pytest.raises(UsageError, match="already exists"):
        draft.save_copy(tmp_path / "there.yaml")
    draft.save_copy(tmp_path / "new.yaml")
    assert (tmp_path / "new.yaml").read_text() == TEXT and draft.file.name == "new.yaml"


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for content in (b"\xff\xfe", b"x" * (MAX_YAML_BYTES + 1)):
        file.write_bytes(content)
        with pytest.raises(DataError):
            Draft.open(file)
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(DataError, match="there is no file"):
        Draft.open(pipe)
    half = Draft(tmp_path / "b.yaml", None, "\ud800")
    with pytest.raises(UsageError, match="half a character"):
        half.save()
    assert not half.file.exists()


def test_a_shipped_spec_is_opened_as_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    studio = open_studio("resnet_v1_20", Path("runs"))
    assert studio.draft.file == tmp_path / "resnet_v1_20.yaml" and not studio.draft.is_saved
    assert studio.tree == SpecTree(tmp_path, tmp_path / "runs")
    (tmp_path / "my_net.yaml").write_text("mine")
    assert open_studio(None, Path("runs")).draft.file == tmp_path / "my_net_2.yaml"
    with pytest.raises(UsageError, match="ships with archc"):
        open_studio("resnet_v1_21x", Path("runs"))


def test_texts_are_told_apart() -> None:
    """As the browser counts it: `checksum` in marks.js."""
    assert checksum("") == 1 and checksum("a") == 0x00C40062
    assert checksum("😀") != checksum("😁") and checksum("\ud800") != checksum("\ud801")


def test_file_texts_have_line_feeds() -> None:
    assert FileText("a\nb", "\r\n", True).as_bytes() == b"\xef\xbb\xbfa\r\nb"
