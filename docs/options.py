"""The tables of options in the guide, made from the commands: `.venv/bin/python docs/options.py` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from typer import Context
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from morula.cli import app

GUIDE = Path(__file__).with_name("guide.md")
PLACE = re.compile(r"(<!-- options of (\w+) -->\n).*?(<!-- end of options -->)", re.DOTALL)


def commands() -> dict[str, TyperCommand]:
    """All commands with their flags, by name."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    context = Context(group)
    return {name: group.resolve_command(context, [name])[1] for name in group.list_commands(context)}


def table(command: TyperCommand) -> str:
    """The options of a command as a table in Markdown."""
    rows = []
    for parameter in command.params:
        if isinstance(parameter, TyperOption) and parameter.name != "help":
            flags = ", ".join(f"`{flag}`" for flag in [*parameter.opts, *parameter.secondary_opts])
            rows.append(f"| {flags} | {_without_bars(parameter.help or '')} | {_default(parameter)} |")
    if not rows:
        return "It has no options.\n"
    return "\n".join(["| option | what it says | otherwise |", "| --- | --- | --- |", *rows]) + "\n"


def with_tables(text: str) -> str:
    """The guide with its tables as the commands have them now."""
    known = commands()
    return PLACE.sub(lambda place: place[1] + table(known[place[2]]) + place[3], text)


def _without_bars(words: str) -> str:
    return words.replace("|", "\\|")


def _default(parameter: TyperOption) -> str:
    if parameter.required:
        return "must be given"
    if isinstance(parameter.default, bool):
        return "yes" if parameter.default else "no"
    return "" if parameter.default in (None, "") else f"`{parameter.default}`"


if __name__ == "__main__":
    GUIDE.write_text(with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
