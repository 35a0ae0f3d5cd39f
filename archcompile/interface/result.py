"""What every result can do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archcompile.errors import MissingError
from archcompile.interface.display_table import DisplayTable

if TYPE_CHECKING:
    import pandas


class Result(ABC):
    """A frozen value that shows itself as a table, in a terminal and in a notebook."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Plain data: what the command prints with `--json`."""

    @abstractmethod
    def table(self) -> DisplayTable:
        """What is shown."""

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_html_(self) -> str:
        return self.table().html()


class RowResult(Result):
    """A result that is a list of rows."""

    @property
    @abstractmethod
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The rows as plain data."""

    def to_pandas(self) -> "pandas.DataFrame":
        """The rows as a data frame; a column `a.b` holds the key `b` of a map `a`.

        Raises MissingError where pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingError(
                "to_pandas needs the package pandas, which is not installed",
                hint="pip install pandas; or take `.rows`, which are plain data",
            ) from error
        return pandas.json_normalize([dict(row) for row in self.rows])
