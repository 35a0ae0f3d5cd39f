"""What MkDocs adds to the pages of `docs/` for the site: README, CONTRIBUTING and CHANGELOG, the
specs that pages link to, notebooks as pages, and the codes of `archc explain`. No framework is
imported.

A page is written for the repository, and its links are relative to its place there. On the site,
`docs/` is the root and the README its first page, so links between the two are written anew.
"""

import json
import posixpath
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from archcompile.explain import Entry, entries

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
LINK = re.compile(r"(?P<before>\]\(|src=\")(?!\w+:|#|/)(?P<target>[^)#\"\s]+)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages, and the files outside `docs/` that any page links to."""
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAGES}
    for name, text in texts.items():
        files.append(File.generated(config, _on_site(name), content=text))
    files.append(File.generated(config, "codes.md", content=codes_page()))
    for notebook in (ROOT / "docs").glob("*.ipynb"):
        content = notebook_page(notebook)
        files.append(File.generated(config, f"{notebook.stem}.md", content=content))
    for page in files.documentation_pages():
        source = _in_repository(page.src_uri)
        for target in _targets(page.content_string, source):
            linked = ROOT / target
            if not target.startswith("docs/") and target not in PAGES and linked.is_file():
                files.append(File.generated(config, target, abs_src_path=str(linked)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with its links as they are on the site."""
    source = _in_repository(page.file.src_uri)
    start = posixpath.dirname(page.file.src_uri) or "."

    def move(link: re.Match[str]) -> str:
        target = _path_of(link["target"], source)
        return link["before"] + posixpath.relpath(_on_site(target), start)

    return _outside_fences(markdown, move)


def codes_page() -> str:
    """The page about all codes, in the order and the groups of `archc explain`."""
    parts = [
        "# Codes\n\nWhat `archc explain CODE` prints, for every code of an error or a warning.\n"
    ]
    for group, members in groupby(entries().values(), key=lambda entry: entry.group):
        parts.append(f"\n## {group}\n")
        parts += [_code(entry) for entry in members]
    return "".join(parts)


def notebook_page(notebook: Path) -> str:
    """A notebook's texts and cells, with the outputs that it was saved with."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    parts = []
    for cell in cells:
        source = "".join(cell["source"])
        language = "yaml" if source.startswith("%%archc") else "python"
        is_text = cell["cell_type"] == "markdown"
        parts.append(source if is_text else f"```{language}\n{source}\n```")
        parts += map(_output, cell.get("outputs", ()))
    return "\n\n".join([*parts, f"[This page as a notebook]({notebook.name})\n"])


def _output(output: dict[str, Any]) -> str:
    """The page that a cell shows where it has one, else its text."""
    data = output.get("data", {})
    if "text/html" in data:
        return f"<div>{''.join(data['text/html'])}</div>"
    lines = output.get("traceback") or [*output.get("text", ()), *data.get("text/plain", ())]
    text = "\n".join(line.rstrip("\n") for line in lines)
    return f"```text\n{text}\n```"


def _code(entry: Entry) -> str:
    lines = [f"\n### `{entry.code}`\n\n{entry.summary}\n"]
    if entry.text:
        lines.append(f"\n{entry.text}\n")
    for title, example in (("Wrong", entry.wrong), ("Right", entry.right)):
        if example:
            lines.append(f"\n{title}:\n\n```yaml\n{example}```\n")
    return "".join(lines)


def _outside_fences(text: str, change: Any) -> str:
    """The text with every link changed, but for those in blocks of code."""
    parts, at = [], 0
    for fence in FENCE.finditer(text):
        parts += [LINK.sub(change, text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, LINK.sub(change, text[at:])])


def _targets(text: str, source: str) -> set[str]:
    """Where the links of a page lead, as paths in the repository."""
    return {_path_of(link["target"], source) for link in LINK.finditer(FENCE.sub("", text))}


def _path_of(target: str, source: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def _in_repository(uri: str) -> str:
    """The path in the repository of a page of the site."""
    outside = {_on_site(name): name for name in PAGES}
    return outside.get(uri, f"docs/{uri}")


def _on_site(path: str) -> str:
    """The place on the site of a file of the repository; a folder's is its page README.md."""
    if path == "README.md":
        return "index.md"
    if (ROOT / path).is_dir():
        path = f"{path}/README.md"
    return path.removeprefix("docs/")
