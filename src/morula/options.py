"""Every field of a settings class is a flag, with the field's sentence as its help.

A command names its settings and receives them ready made; the flags themselves are built only when that
command is asked for, so that `morula --help` need not load what the settings are about:

    @app.command()
    @with_settings(settings="morula.checks.data_settings:DataSettings")
    def check(images: str, masks: str, settings: DataSettings): ...
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from morula.settings import Settings

PLAIN_TYPES = (bool, int, float, str, Path)
WIDEST_CHOICE = 24
"""Choices of more letters stand in the help's sentence, where there is room."""


def with_settings(**sources: str) -> Callable:
    """Give a command one flag for each field of the settings class behind each named parameter.

    Args:
        sources: parameter name to `"module:class"`. No two classes may share a field name.
    """

    def decorate(command: Callable) -> Callable:
        @functools.wraps(command)
        def without_flags(**values: Any) -> Any:
            return command(**values)

        own = [p for p in inspect.signature(command).parameters.values() if p.name not in sources]
        without_flags.__annotations__ = {p.name: p.annotation for p in own}
        hints = get_type_hints(without_flags, include_extras=True)
        own = [p.replace(annotation=hints[p.name], kind=p.KEYWORD_ONLY) for p in own]
        _set_parameters(without_flags, own)
        without_flags.with_flags = functools.partial(_with_flags, command, own, sources)  # type: ignore
        return without_flags

    return decorate


class LazyFlags(TyperGroup):
    """A group of commands that builds the flags of a command only when that command is asked for."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> tuple:  # type: ignore[override]
        name, command, rest = super().resolve_command(ctx, args)  # type: ignore[arg-type]
        build = getattr(getattr(command, "callback", None), "with_flags", None)
        if build is not None:
            alone = typer.Typer(add_completion=False)
            alone.command(name)(build())
            command = typer.main.get_command(alone)
        return name, command, rest


def _with_flags(command: Callable, own: list[inspect.Parameter], sources: Mapping[str, str]) -> Callable:
    """The same command with its settings spread out into options."""
    from morula.settings import read_settings

    classes = {parameter: _load(source) for parameter, source in sources.items()}

    @functools.wraps(command)
    def gathering(**values: Any) -> Any:
        for parameter, settings in classes.items():
            fields = settings.model_fields.items()
            values[parameter] = read_settings(
                settings, {name: _parts(field, values.pop(name)) for name, field in fields}
            )
        return command(**values)

    options = [option for settings in classes.values() for option in _options(settings)]
    _set_parameters(gathering, [*own, *options])
    return gathering


def _set_parameters(function: Callable, parameters: list[inspect.Parameter]) -> None:
    """Show these parameters, all by keyword, to whoever looks at the function."""
    function.__annotations__ = {p.name: p.annotation for p in parameters}
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]


def _load(source: str) -> type[Settings]:
    module, _, name = source.partition(":")
    return getattr(importlib.import_module(module), name)


def _options(settings: type[Settings]) -> Iterator[inspect.Parameter]:
    panel = (settings.__doc__ or "Settings").strip().splitlines()[0].rstrip(".")
    for name, field in settings.model_fields.items():
        kind, metavar = _kind(field)
        described = field.description or ""
        [choices, *others] = _alternatives(field.annotation)
        if not others and _is_words(choices) and len("|".join(get_args(choices))) > WIDEST_CHOICE:
            metavar, described = "<word>", f"{described} One of {', '.join(get_args(choices))}."
        option = typer.Option(help=described, metavar=metavar, rich_help_panel=panel)
        default = field.get_default(call_default_factory=True)
        if isinstance(default, tuple | list):
            default = ",".join(map(str, default))
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=... if field.is_required() else default,
            annotation=Annotated[kind, option],
        )


def _kind(field: FieldInfo) -> tuple[Any, str | None]:
    """The type of the option and its placeholder; what typer cannot read is left to pydantic as text."""
    choices = _alternatives(field.annotation)
    if len(choices) == 1 and (choices[0] in PLAIN_TYPES or _is_words(choices[0])):
        return field.annotation, None
    return (str if type(None) not in get_args(field.annotation) else str | None), _placeholder(choices)


def _alternatives(annotation: Any) -> list[Any]:
    """The members of a union, without None: `int | None` gives `[int]`."""
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return [member for member in members if member is not NoneType]


def _is_words(annotation: Any) -> bool:
    return get_origin(annotation) is Literal and all(isinstance(word, str) for word in get_args(annotation))


def _holds_several(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, tuple | list)


def _placeholder(choices: list[Any]) -> str:
    """How a value looks that typer has no word for: `<float,float,…|auto>`."""
    words = []
    for choice in choices:
        if get_origin(choice) is Literal:
            words += [str(word) for word in get_args(choice)]
        elif _holds_several(choice):
            item = getattr(get_args(choice)[0], "__name__", "value")
            words.append(f"{item},{item},…")
        else:
            words.append(getattr(choice, "__name__", str(choice)))
    return f"<{'|'.join(words)}>"


def _parts(field: FieldInfo, value: Any) -> Any:
    """Several values are written with commas between them: `--pixel-size 2,0.5,0.5`."""
    choices = _alternatives(field.annotation)
    if not isinstance(value, str) or not any(map(_holds_several, choices)):
        return value
    only_several = all(map(_holds_several, choices))
    return [part.strip() for part in value.split(",")] if only_several or "," in value else value
