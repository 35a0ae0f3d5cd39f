"""Calls of the scripts in `page_files/`, from the server."""

import json
from typing import Any

from archcompile.studio.web_routes import ASSETS

MODULE = f"{ASSETS}/studio.js"


def call(client: Any, function: str, *values: Any) -> Any:
    """Call a function of the page; what is returned can be awaited for its result."""
    arguments = ", ".join(json.dumps(value) for value in values)
    return client.run_javascript(f"import('{MODULE}').then((page) => page.{function}({arguments}))")
