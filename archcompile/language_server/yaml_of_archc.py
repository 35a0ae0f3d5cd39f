"""Whether a YAML file is one of archc's: an editor shows its server every YAML file there is."""

import re

from archcompile.outputs import MARK
from archcompile.spec.language import Library, SpecFile

_TOP_KEY = re.compile(r"""^["']?([A-Za-z_][\w.-]*)["']?[ \t]*:(?=\s|$)""", re.MULTILINE)
_KEYS = SpecFile.model_fields.keys() | Library.model_fields.keys()


def is_ours(text: str) -> bool:
    """Whether a file has the key `archc`, or has at least two keys and all are those of a spec."""
    if MARK.search(text.encode(errors="replace")):
        return True
    keys = set(_TOP_KEY.findall(text))
    return len(keys) > 1 and keys <= _KEYS


def fits_first_key(text: str) -> bool:
    """Whether a file has no keys yet, so that its first ones can be offered."""
    return is_ours(text) or not _TOP_KEY.search(text)
