from .bind import numbers as numbers
from .node import InnerBlock as InnerBlock
from .node import Node as Node
from .node import Origin as Origin
from .scope import Expanded as Expanded
from .unused import spec_findings as spec_findings
from .unused import unused_allow as unused_allow
from .walk import expand as expand
