"""The base of all settings: Python argument = command-line flag = form field = saved record."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Typed, immutable settings that explain themselves and refuse unknown names.

    Each field has a sentence (`Field(description=…)`), which is its help wherever it is shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
