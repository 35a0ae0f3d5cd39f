"""`archc init`: a spec of one's own, begun from a template that ships."""

from dataclasses import dataclass
from pathlib import Path

from archcompile.authoring.child import choose_file, schema_line
from archcompile.graph import LayerGraph, lower
from archcompile.outputs import save
from archcompile.shipped import find_file
from archcompile.spec.expansion import expand
from archcompile.spec.loading import from_text
from archcompile.spec.yaml import read_text


@dataclass(frozen=True, slots=True)
class Start:
    """A new spec file, and the network that it describes."""

    file: Path
    graph: LayerGraph


def start_from(template: str, name: str, file: Path | None = None) -> Start:
    """Write the spec `name` into `file` (NAME.yaml here): all that the template says.

    Raises UsageError (no such template, no name for a file, a file that already exists), DataError.
    """
    source = find_file(template, "template")
    file = choose_file(name, file)
    text = schema_line(file) + read_text(source)
    graph = lower(expand(from_text(text, str(file))))
    save(file, text)
    return Start(file, graph)
