"""What the network comes to, what the text claims of it, and the variables that can be tried."""

from typing import TYPE_CHECKING, Any

from nicegui import ui

from archcompile.editor import set_variables
from archcompile.errors import ArchError
from archcompile.studio.answering import Answer
from archcompile.studio.compiled_draft import Claim, Variable
from archcompile.studio.name_dialog import tell
from archcompile.studio.slider_range import slider_range, values_beyond
from archcompile.studio.views import Figure

if TYPE_CHECKING:
    from archcompile.studio.studio_page import StudioPage

VERDICTS = {"holds": "\N{CHECK MARK}", "fails": "\N{BALLOT X}", "of-the-file": "\N{EM DASH}"}


class NetworkPane:
    """The strip above the tabs."""

    def __init__(self, page: "StudioPage"):
        self.page = page
        self.shown_figures: tuple[Figure, ...] = ()
        self.shown_claims: tuple[Claim, ...] = ()
        self.shown_variables: tuple[Variable, ...] | None = None
        self.figures = ui.element("dl").classes("figures")
        self.claims = ui.element("div").classes("claims").props('aria-label="Claims"')
        self.variables = ui.element("div").classes("variables").props('aria-label="Variables"')
        self.trouble = ui.label().classes("trouble")
        self.trouble.visible = False

    def show(self, answer: Answer) -> None:
        """The figures of an answer. Without a network, those of before stay, and are grey."""
        mark_stale(self.figures, answer.is_stale)
        mark_stale(self.claims, answer.is_stale)
        self.trouble.text = answer.trouble
        self.trouble.visible = bool(answer.trouble)
        if answer.network is None:
            return
        if answer.figures != self.shown_figures:
            self.shown_figures = answer.figures
            self._show_figures(answer)
        if answer.network.claims != self.shown_claims:
            self.shown_claims = answer.network.claims
            self._show_claims(answer.network.claims)
        self._show_variables(answer.network.variables)

    def _show_figures(self, answer: Answer) -> None:
        self.figures.clear()
        with self.figures:
            for figure in answer.figures:
                with ui.element("div"):
                    with ui.element("dt"):
                        ui.label(figure.name)
                    with ui.element("dd"):
                        ui.label(figure.words)
                        if figure.change:
                            ui.label(figure.change).classes("change")

    def _show_claims(self, claims: tuple[Claim, ...]) -> None:
        self.claims.clear()
        with self.claims:
            for claim in claims:
                sign = VERDICTS[claim.verdict]
                button = ui.element("button").classes(f"claim {claim.verdict}")
                button.props('type="button"')
                button.on("click", lambda line=claim.line: self.page.call("goTo", line))
                with button:
                    ui.label(f"{sign} {claim.name} {claim.words}")
                    if claim.reason:
                        ui.tooltip(claim.reason)

    def _show_variables(self, variables: tuple[Variable, ...]) -> None:
        """Sliders are made anew only when the text has other variables: a drag goes on."""
        tried = self.page.session.tried
        before, self.shown_variables = self.shown_variables, variables
        if before is not None and _values(before) == _values(variables):
            return
        for name in set(tried) - {v.name for v in variables}:
            del tried[name]
        self.variables.clear()
        with self.variables:
            for variable in variables:
                self._control(variable)
            if variables:
                self._buttons()

    def _control(self, variable: Variable) -> None:
        value = self.page.session.tried.get(variable.name, variable.value)
        with ui.element("label").classes("variable"):
            ui.label(variable.name).classes("name")
            if isinstance(variable.value, bool):
                ui.checkbox(value=value, on_change=self._try(variable)).props("dense")
            elif isinstance(variable.value, str):
                ui.input(value=str(value), on_change=self._try(variable)).props("dense outlined")
            else:
                self._number(variable, value, slider_range(variable.value))

    def _number(self, variable: Variable, value: Any, ends: tuple[float, float, float]) -> None:
        low, high, step = ends
        field = ui.number(value=value, step=step, on_change=self._try(variable))
        field.props(f'dense outlined aria-label="{variable.name}"').classes("value")
        slider = ui.slider(min=low, max=high, step=step, value=value)
        slider.props(f'dense aria-label="{variable.name}"')
        slider.on_value_change(lambda event: field.set_value(event.value))

        def follow(event: Any) -> None:
            """The slider shows what is typed, as far as it reaches."""
            if event.value is not None and low <= event.value <= high:
                slider.set_value(event.value)

        field.on_value_change(follow)

        at_rest = value

        async def settle(event: Any) -> None:
            """A slider that is let go goes on to the next value that makes a network."""
            nonlocal at_rest
            values = list(values_beyond(event.args, at_rest, ends))
            near = await self.page.session.find_near(variable.name, values)
            at_rest = event.args if near is None else near
            slider.set_value(at_rest)

        slider.on("change", settle)  # when it is let go, or moved by a key

    def _try(self, variable: Variable) -> Any:
        def take(event: Any) -> None:
            value = event.value
            if value is None or value == "":
                return
            if isinstance(variable.value, int) and not isinstance(variable.value, bool):
                value = int(value)
            tried = self.page.session.tried
            if value == variable.value:
                tried.pop(variable.name, None)
            else:
                tried[variable.name] = value
            self.page.session.ask()

        return take

    def _buttons(self) -> None:
        with ui.element("div").classes("buttons"):
            if self.page.editor is not None:
                ui.button("Write into the text", on_click=self._write).props("flat dense no-caps")
            ui.button("As written", on_click=self._reset).props("flat dense no-caps")

    async def _write(self) -> None:
        """What is tried becomes what the text says; a parent's variable gets a value of its own."""
        session, newest = self.page.session, self.page.session.newest
        if newest is None or not session.tried:
            return
        try:
            edits = set_variables(newest.analysis, session.tried)
            await self.page.make(edits, newest.analysis.text)
            session.tried.clear()
        except ArchError as error:
            with self.page.client:
                tell(error)

    def _reset(self) -> None:
        self.page.session.tried.clear()
        self.shown_variables = None
        self.page.session.ask()


def mark_stale(element: Any, is_stale: bool) -> None:
    """What is shown of an earlier text is grey."""
    if is_stale:
        element.classes(add="stale")
    else:
        element.classes(remove="stale")


def _values(variables: tuple[Variable, ...]) -> list[tuple[str, Any]]:
    """What sliders are made of; a variable may move in the text."""
    return [(variable.name, variable.value) for variable in variables]
