"""`archc` in this process, as in the tests of the command line."""

from tests.cli.conftest import archc

__all__ = ["archc"]
