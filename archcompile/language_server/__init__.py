"""The core's answers in the Language Server Protocol, over stdin and stdout: `archc lsp`.

`documents` has the texts of open files and their versions, `coordinates` the places of archc as an
editor counts them, `wording` the core's answers as types of the protocol. `desk` has the core work
in one thread and drops answers to a text that has changed since; `diagnostics` publishes findings,
`features` answers requests, with `earlier_texts` for what a file was before. `conversation` ties
them together for one editor, `connection` has the streams. No file does any work on the language,
and none opens a network. Imports `editor` for all answers and `spec` for texts; pygls and
lsprotocol only once the server starts. Gives `serve` to `cli`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
