"""`archc studio` and `archc watch`: a page on this machine that answers while a spec is written.

`start` opens it: `listening` finds a port, `door` lets in the one who started it, `server` runs
NiceGUI behind it. `spec_tree` says which files may be read and written, `draft` is the text that
is written and never lost, `compiled_draft` what it means with the settings that are tried. `views`
is what the page shows of that, `run_shelf` what it shows of runs, `answering` the whole answer to a
text, `text_questions` that about a place in it, `tree_edits` what changes in other files; all of
these know no NiceGUI. `studio_page` lays it out from its panes, `page_session` asks
again with every change. `page_files/` has what runs in the browser: the marks in the editor, the
drawing, and the light between a box and its line.

Imports `editor` for what concerns the language, `interface` for tables, `report` and `run_folder`
for runs, `drawing`, `analyses` and `authoring`; `spec`, `graph`, `ops` and `api` for settings that
are tried; `data` for the folder of the cache. Gives `start` to `archc studio` and `archc watch`.
NiceGUI is an extra: only `start` loads it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
