"""What a start opens: a spec of a tree, a copy of one that ships, or a new one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archcompile.shipped import is_path, shipped_files
from archcompile.spec.language import find_spec
from archcompile.spec.yaml import read_text
from archcompile.studio.answering import Question, Texts, answer
from archcompile.studio.draft import Draft, with_line_feeds
from archcompile.studio.spec_tree import SpecTree
from archcompile.studio.tree_edits import TreeChanges

NEW = "my_net"  # what a new spec is called until it is saved
BEGINNING = "cifar"  # the template that it begins as


@dataclass(kw_only=True)
class Studio:
    """What all pages of one start share. The core is asked in one thread: it keeps what it knows.

    `page` is the newest page; an older one is told that the draft is open elsewhere.
    """

    draft: Draft
    tree: SpecTree
    is_watching: bool = False
    texts: Texts = field(default_factory=Texts)
    changes: TreeChanges = field(default_factory=TreeChanges)
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    page: Any = None

    async def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function of the core returns, which it works out in the thread of the core."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, function, *arguments)

    def prepare(self) -> None:
        """Answer once before anybody asks: much is imported for the first answer."""
        question = Question(text=self.draft.text)
        self.thread.submit(answer, self.texts, self.draft.file, question)

    def draft_of(self, path: Path) -> Draft:
        """A file of the tree to be edited; of one that ships, a copy."""
        if path.resolve().is_relative_to(self.tree.folder):
            return Draft.open(path)
        return Draft(_free_name(path.stem), None, with_line_feeds(read_text(path)))

    def add_routes(self, application: Any) -> None:
        """The addresses besides the page itself."""
        from archcompile.studio.web_routes import add_routes

        add_routes(self, application)


def open_studio(spec: str | None, runs: Path, *, is_watching: bool = False) -> Studio:
    """Raises UsageError where there is no such spec, DataError where it cannot be read."""
    draft = _draft(spec, is_watching)
    tree = SpecTree.around(draft.file, runs)
    return Studio(draft=draft, tree=tree, is_watching=is_watching)


def _draft(spec: str | None, is_watching: bool) -> Draft:
    """A new text is saved beside where the studio was started, and never over a file."""
    if spec is None:
        template = shipped_files("template")[BEGINNING]
        return Draft(_free_name(NEW), None, with_line_feeds(read_text(template)))
    path = find_spec(spec)
    if is_path(spec) or is_watching:
        return Draft.open(path)
    return Draft(_free_name(path.stem), None, with_line_feeds(read_text(path)))


def _free_name(stem: str) -> Path:
    folder, number = Path.cwd(), 1
    while (file := folder / (f"{stem}_{number}.yaml" if number > 1 else f"{stem}.yaml")).exists():
        number += 1
    return file
