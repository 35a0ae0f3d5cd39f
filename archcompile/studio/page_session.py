"""One open page: what it asks, and the answer that it shows. Answers that come late are dropped."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archcompile.editor import Analysis
from archcompile.spec.yaml import flow
from archcompile.studio.answering import Answer, Question, TextAnswer, answer, glance
from archcompile.studio.compiled_draft import first_that_compiles
from archcompile.studio.opening import Studio

PAUSE = 0.04  # seconds in which further keys join a question


class Session:
    """Asks again when anything has changed, one question at a time.

    Only an answer to what it asks now is shown; what is wrong with the text alone comes first. The
    text is in the draft, so it outlives the page.
    """

    def __init__(
        self,
        studio: Studio,
        *,
        show_text: Callable[[TextAnswer], None],
        show: Callable[[Answer], None],
        tell_bug: Callable[[Exception], None],
    ):
        self.studio, self.show_text, self.show, self.tell_bug = studio, show_text, show, tell_bug
        self.view = Question(text="")  # its text and settings come from elsewhere
        self.tried: dict[str, Any] = {}  # variables whose value is tried
        self.newest: Answer | None = None
        self.task: asyncio.Task[None] | None = None
        self.asked, self.answered = 0, 0

    def question(self) -> Question:
        draft = self.studio.draft
        return replace(
            self.view,
            text=draft.text,
            sets=self.settings(),
            saved=draft.saved.text if draft.saved else None,
        )

    def settings(self) -> tuple[str, ...]:
        """The values that are tried, as `--set` has them."""
        return settings_of(self.tried)

    async def find_near(self, name: str, values: Sequence[Any]) -> Any:
        """The first of some values of a variable that makes a network; None where none does."""
        studio = self.studio
        tries = [settings_of(self.tried | {name: value}) for value in values]
        place = await studio.ask(first_that_compiles, studio.draft.text, studio.draft.file, tries)
        return None if place is None else values[place]

    def ask(self, **changes: Any) -> None:
        """Ask soon, with these changes of the view."""
        self.view = replace(self.view, **changes)
        self.asked += 1
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self.answered != self.asked:
            await asyncio.sleep(PAUSE)
            asked, question = self.asked, self.question()
            studio = self.studio
            about = studio.texts, studio.draft.file, question
            try:
                first = await studio.ask(glance, *about)
                if first is not None and question == self.question():
                    self.show_text(first)
                result = await studio.ask(answer, *about)
            except Exception as error:  # the page goes on, and the text is safe
                self.tell_bug(error)
                result = None
            self.answered = asked
            if result is not None and result.question == self.question():
                self.newest = result
                self.show(result)

    async def look_at_uses(self) -> None:
        """Ask again where a file that the text uses has changed on disk."""
        if self.newest is None or self.answered != self.asked:
            return
        text = self.studio.draft.text
        analysis = await self.studio.ask(analyse_again, self.studio, text)
        if analysis is not self.newest.analysis and self.answered == self.asked:
            self.ask()


def settings_of(tried: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{name}={flow(value)}" for name, value in tried.items())


def analyse_again(studio: Studio, text: str) -> Analysis:
    """What is known of the text; the same as before unless a file has changed."""
    studio.texts.typed.open(studio.draft.file, text)
    return studio.texts.typed.analyse(studio.draft.file)
