"""Words in Markdown as plain text, for an editor that shows no other."""

import re

_MARKS = re.compile(
    r"```\w*\n(?P<lines>.*?)\n```"  # a block of code
    r"|`(?P<code>[^`\n]*)`"
    r"|\*\*"
    r"|\\(?P<sign>[\\`*_\[\]<>#|!])"
    r"|^\|[-:|]+\|\n",  # the line below a table's head
    re.DOTALL | re.MULTILINE,
)


def plain_words(markdown: str) -> str:
    """The same words without the signs of Markdown; what is code stays as it is."""
    return _MARKS.sub(
        lambda match: match["lines"] or match["code"] or match["sign"] or "", markdown
    )
