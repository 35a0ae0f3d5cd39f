"""What the browser asks for besides the page: words at the mouse, completion, files of runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile import __version__
from archcompile.editor import complete, describe
from archcompile.errors import UsageError
from archcompile.limits import MAX_QUESTION_BYTES, MAX_YAML_BYTES
from archcompile.run_files import CURVES_SVG
from archcompile.studio.door import FRAMED
from archcompile.studio.draft import checksum
from archcompile.studio.editor_marks import Offsets, completion_options

if TYPE_CHECKING:
    from archcompile.studio.opening import Studio

PAGE_FILES = Path(__file__).with_name("page_files")
ASSETS = f"/studio/{__version__}"  # a new version is another address, whatever a browser keeps
PATIENCE, STEP = 2.0, 0.01  # seconds to wait until the text that is asked about has come


def add_routes(studio: "Studio", application: Any) -> None:
    """Hover and completion as POST, what lies in `page_files/`, and the files of runs."""
    from starlette.staticfiles import StaticFiles

    application.add_route("/hover", _answering(studio, _hover), methods=["POST"])
    application.add_route("/complete", _answering(studio, _complete), methods=["POST"])
    application.add_route(FRAMED + "{run:path}/{name}", _run_file(studio), methods=["GET"])
    application.mount(ASSETS, StaticFiles(directory=PAGE_FILES))


Respond = Callable[["Studio", str, int], Any]


def _answering(studio: "Studio", respond: Respond) -> Callable[[Any], Awaitable[Any]]:
    """An endpoint that answers about an offset of the text whose checksum is given, else null."""
    from starlette.responses import JSONResponse

    async def endpoint(request: Any) -> Any:
        question = _read(await request.body())
        if question is None:
            return JSONResponse(None, status_code=400)
        text = await _awaited_text(studio, question["checksum"])
        if text is None:
            return JSONResponse(None)
        loop = asyncio.get_running_loop()
        return JSONResponse(
            await loop.run_in_executor(studio.thread, respond, studio, text, question["offset"])
        )

    return endpoint


def _read(body: bytes) -> dict[str, int] | None:
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


async def _awaited_text(studio: "Studio", text_sum: int) -> str | None:
    """The text with this checksum: what is typed comes by another way, perhaps a moment later."""
    for _ in range(int(PATIENCE / STEP)):
        text = studio.draft.text
        if checksum(text) == text_sum:
            return text
        await asyncio.sleep(STEP)
    return None


def _hover(studio: "Studio", text: str, offset: int) -> Any:
    import markdown2  # comes with NiceGUI

    studio.texts.typed.open(studio.draft.file, text)
    offsets = Offsets(text)
    hover = describe(studio.texts.typed.analyse(studio.draft.file), offsets.position(offset))
    if hover is None:
        return None
    start, end = offsets.ends(hover.span)
    extras = ["fenced-code-blocks", "tables"]
    words = markdown2.markdown(hover.markdown, safe_mode="escape", extras=extras)
    return {"from": start, "to": end, "html": str(words)}


def _complete(studio: "Studio", text: str, offset: int) -> Any:
    studio.texts.typed.open(studio.draft.file, text)
    offsets = Offsets(text)
    words = complete(studio.texts.typed.analyse(studio.draft.file), offsets.position(offset))
    return completion_options(words, offsets)


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
