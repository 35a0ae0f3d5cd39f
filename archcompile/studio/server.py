"""Starts the page: a socket on loopback, the door, and NiceGUI behind it until Ctrl-C."""

import os
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.data import user_cache
from archcompile.errors import MissingError
from archcompile.limits import MAX_PAGE_MESSAGE
from archcompile.messages import Say, to_python
from archcompile.studio.door import Door, Keys
from archcompile.studio.listening import listen
from archcompile.studio.opening import open_studio

RECONNECT = 60.0  # seconds that a page's state is kept while its connection is lost


@dataclass(frozen=True, kw_only=True)
class StudioRequest:
    """What is opened: `spec` as on the command line, None for a new one; `runs` is only read.

    `is_watching`: without an editor, following the file on disk.
    """

    spec: str | None
    runs: Path
    port: int | None = None
    is_watching: bool = False
    starts_browser: bool = True


def start(request: StudioRequest, *, say: Say = to_python) -> None:
    """Serve the page until it is interrupted. Raises UsageError, MissingError, DataError."""
    studio = open_studio(request.spec, request.runs, is_watching=request.is_watching)
    nicegui = load_nicegui()
    bound = listen(request.port)
    keys = Keys(port=bound.getsockname()[1])
    say(f"archc {'watch' if request.is_watching else 'studio'}: {keys.address}")
    say("only this machine can open it; Ctrl-C ends it")

    def tell_browser() -> None:
        studio.prepare()
        if request.starts_browser:
            webbrowser.open(keys.address)

    from archcompile.studio.studio_page import build_page

    application = make_application(
        nicegui, keys, build=lambda: build_page(studio), add_routes=studio.add_routes
    )
    serve(application, bound, tell_browser)


def load_nicegui() -> Any:
    """The package NiceGUI. Raises MissingError.

    What it would keep in files goes into the user's cache, not into the folder of the spec, nor
    where other users of the machine can put something first.
    """
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(user_cache() / "studio"))
    try:
        import nicegui
    except ImportError as error:
        raise MissingError(
            "the studio needs NiceGUI, which is not installed",
            hint="pip install 'archcompile[studio]'",
        ) from error
    return nicegui


def make_application(
    nicegui: Any, keys: Keys, *, build: Callable[[], None], add_routes: Callable[[Any], None]
) -> Door:
    """The page behind its door."""
    from fastapi import FastAPI

    inner = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_routes(inner)
    nicegui.core.sio.eio.cors_allowed_origins = list(keys.origins)  # its default is everybody
    nicegui.core.sio.eio.max_http_buffer_size = MAX_PAGE_MESSAGE
    nicegui.ui.page("/", title="archc studio")(build)
    nicegui.ui.run_with(
        inner,
        title="archc studio",
        favicon=FAVICON,
        dark=None,
        reconnect_timeout=RECONNECT,
        tailwind=False,
        show_welcome_message=False,
    )
    return Door(inner, keys)


def serve(application: Door, bound: Any, when_ready: Callable[[], None]) -> None:
    """Answers on the socket until the process is interrupted."""
    import uvicorn

    class Server(uvicorn.Server):  # type: ignore[misc]
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets=sockets)
            when_ready()

    settings = uvicorn.Config(
        application,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        ws_max_size=MAX_PAGE_MESSAGE,
        timeout_graceful_shutdown=1,
    )
    try:
        Server(settings).run(sockets=[bound])
    finally:
        bound.close()


FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="none" '
    'stroke="#5580b3" stroke-width="3"><rect x="9" y="3" width="14" height="8" rx="2"/>'
    '<rect x="9" y="21" width="14" height="8" rx="2"/><path d="M16 11v10M23 7h5v18h-5"/></g></svg>'
)
