"""What the browser asks for besides the page: answers about places of the text, files of runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile import __version__
from archcompile.errors import UsageError
from archcompile.limits import MAX_QUESTION_BYTES, MAX_YAML_BYTES
from archcompile.run_files import CURVES_SVG
from archcompile.studio.door import FRAMED
from archcompile.studio.draft import checksum
from archcompile.studio.text_questions import QUESTIONS, Respond

if TYPE_CHECKING:
    from archcompile.studio.opening import Studio

PAGE_FILES = Path(__file__).with_name("page_files")
ASSETS = f"/studio/{__version__}"  # a new version is another address, whatever a browser keeps
PATIENCE, STEP = 2.0, 0.01  # seconds to wait until the text that is asked about has come


def add_routes(studio: "Studio", application: Any) -> None:
    """Questions about the text as POST, what lies in `page_files/`, and the files of runs."""
    from starlette.staticfiles import StaticFiles

    for address, respond in QUESTIONS.items():
        application.add_route(address, _answering(studio, respond), methods=["POST"])
    application.add_route(FRAMED + "{run:path}/{name}", _run_file(studio), methods=["GET"])
    application.mount(ASSETS, StaticFiles(directory=PAGE_FILES))


def _answering(studio: "Studio", respond: Respond) -> Callable[[Any], Awaitable[Any]]:
    """An endpoint that answers about an offset of the text whose checksum is given, else null."""
    from starlette.responses import JSONResponse

    async def endpoint(request: Any) -> Any:
        question = read_question(await request.body())
        if question is None:
            return JSONResponse(None, status_code=400)
        text = await awaited_text(studio, question["checksum"])
        if text is None:
            return JSONResponse(None)
        return JSONResponse(await studio.ask(respond, studio, text, question["offset"]))

    return endpoint


def read_question(body: bytes) -> dict[str, int] | None:
    """A question about an offset of the text with a checksum; None where it is none."""
    if len(body) > MAX_QUESTION_BYTES:
        return None
    try:
        question = json.loads(body)
    except ValueError:
        return None
    keys = {"checksum", "offset"}
    is_valid = isinstance(question, dict) and set(question) == keys
    if not is_valid or any(type(value) is not int for value in question.values()):
        return None
    return question if 0 <= question["offset"] <= 2 * MAX_YAML_BYTES else None


async def awaited_text(studio: "Studio", text_sum: int) -> str | None:
    """The text with this checksum: what is typed comes by another way, perhaps a moment later."""
    for _ in range(int(PATIENCE / STEP)):
        text = studio.draft.text
        if checksum(text) == text_sum:
            return text
        await asyncio.sleep(STEP)
    return None


def _run_file(studio: "Studio") -> Callable[[Any], Awaitable[Any]]:
    """The report or the curves of a run; the door adds the sandbox."""
    from starlette.responses import FileResponse, PlainTextResponse

    async def endpoint(request: Any) -> Any:
        run, name = request.path_params["run"], request.path_params["name"]
        try:
            path = studio.tree.run_file(run, name)
        except UsageError as error:
            return PlainTextResponse(error.message, status_code=404)
        kind = "image/svg+xml" if name == CURVES_SVG else "text/html"
        return FileResponse(path, media_type=kind, headers={"cache-control": "no-store"})

    return endpoint
