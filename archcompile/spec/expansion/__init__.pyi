from .bind import numbers as numbers
from .changed_meaning import reordered as reordered
from .scope import BLOCK_INPUT as BLOCK_INPUT
from .scope import INPUT as INPUT
from .scope import Expanded as Expanded
from .unused import spec_findings as spec_findings
from .unused import unused_allow as unused_allow
from .walk import expand as expand
