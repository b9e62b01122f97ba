"""What several commands are given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, overload

import typer

from morula.errors import RequestError
from morula.urls import is_url
from morula.whereabouts import as_path

Images = Annotated[str, typer.Argument(help="Images: a folder, a file (a stack is many frames), a 'glob' or a URL.")]
Masks = Annotated[
    str | None,
    typer.Argument(help="The same of masks or annotations, one for each image; left out where one folder holds both.",
                   show_default=False),
]
ModelFile = Annotated[Path, typer.Argument(help="The model file.")]
StorageOptions = Annotated[
    list[str] | None,
    typer.Option("--storage-option", metavar="NAME=VALUE", show_default=False,
                 help="What the library behind a URL is told, such as key=… and secret=…; once for each."),
]


@overload
def wherever(given: str, told: Sequence[str] | None) -> str | Path: ...
@overload
def wherever(given: None, told: Sequence[str] | None) -> None: ...
def wherever(given: str | None, told: Sequence[str] | None) -> str | Path | None:
    """What was given, with what a library is told of it where it is a URL; a name on this machine is as it was typed.

    Args:
        given: a path, a pattern or a URL; None where nothing was.
        told: such as `anon=true`, one for each option.

    Raises:
        RequestError: an option has no name or no value; or see `as_path`.
    """
    return as_path(given, **dict(map(_named, told or ()))) if given and is_url(given) else given


def _named(told: str) -> tuple[str, Any]:
    """The name and the value of an option. Yes, no, lists and tables are written as in JSON; all else is text."""
    name, equals, value = told.partition("=")
    if not name or not equals:
        raise RequestError("--storage-option should be NAME=VALUE, such as anon=true, and one lacks a part of that.")
    if value in ("true", "false") or value[:1] in ("{", "["):
        try:
            return name, json.loads(value)
        except ValueError:
            raise RequestError(f"--storage-option {name} should be JSON, as it begins so. Mend its brackets."
                               ) from None
    return name, value
