"""The base of all settings: Python argument = command-line flag = form field = saved record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from morula.errors import RequestError

Kind = TypeVar("Kind", bound="Settings")
Kinds = TypeVarTuple("Kinds")


class Settings(BaseModel):
    """Typed, immutable settings that explain themselves and refuse unknown names.

    Each field has a sentence (`Field(description=…)`), which is its help wherever it is shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def read_settings(kind: type[Kind], values: Mapping[str, Any]) -> Kind:
    """Settings from values; what is not allowed is said in the words of the command line.

    Raises:
        RequestError: a value is not allowed; each is named with what is wrong.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        raise RequestError(_in_words(error)) from error


def with_fields(fields: Mapping[str, Any], *settings: *Kinds) -> tuple[*Kinds]:
    """The same settings with other values, each put into the one that has a field of its name.

    Raises:
        RequestError: no settings have a field of this name, or a value is not allowed.
    """
    kinds: list[Settings] = [*settings]  # type: ignore[list-item]
    known = [name for each in kinds for name in type(each).model_fields]
    for name in fields:
        if name not in known:
            raise RequestError(f"There is no setting called {name!r}. There are {', '.join(known)}.")
    changed = []
    for each in kinds:
        kept = {name: getattr(each, name) for name in each.model_fields_set}
        own = {name: value for name, value in fields.items() if name in type(each).model_fields}
        changed.append(read_settings(type(each), kept | own))
    return tuple(changed)  # type: ignore[return-value]


def _shown(value: Any) -> str:
    """A value as it was typed: texts in quotes, and no backslash of a path twice."""
    if isinstance(value, list | tuple):
        return f"'{','.join(map(str, value))}'"
    return f"'{value}'" if isinstance(value, str | Path) else repr(value)


def flag(field: str) -> str:
    """The flag of a field: `pixel_size` is `--pixel-size`."""
    return "--" + field.replace("_", "-")


def _in_words(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if not problem["loc"]:
            lines.append(message)
            continue
        lines.append(f"{flag(str(problem['loc'][0]))} {message}, but {_shown(problem['input'])} was given.")
    return "\n".join(dict.fromkeys(lines))
