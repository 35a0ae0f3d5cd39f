"""What the parts of a recipe are made of: the class behind all of them, and bounded numbers."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A part of a recipe. `ELSEWHERE` are keys that other tools have here, each with where it
    belongs.
    """

    ELSEWHERE: ClassVar[dict[str, str]] = {}
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
