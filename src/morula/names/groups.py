"""Which images must never be split between training and validation: what their names say, or a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from morula.errors import RequestError
from morula.names.endings import called, plain_stem, stem
from morula.names.listings import listed_in
from morula.names.table import COUNTED, Name, read_names

Rule = Literal["counter", "channel", "well", "movie", "stack", "folder", "itself", "told"]
"""What put a file into its group: the number of a moment or slice, a channel, a well, a movie, being a stack, the
folder's name, nothing, or a person."""


@dataclass(frozen=True)
class Membership:
    """The group a file is in, and the rule that says so."""

    group: str
    rule: Rule


def membership(path: Path, frames: int = 1, name: Name | None = None) -> Membership:
    """The group that a file's name speaks of.

    `movie03_t012` is of the group `movie03`, `B04_day3_z05` of the well `B04`, `pos2_007` of `pos2`; `t012.tif` is
    of its folder. A file of several frames is a group of its own, unless it names a well. A plain number says
    nothing: `cell_01` and `001` are alone.

    Args:
        path: the file.
        frames: that it holds.
        name: what its name says beside others; else it is read alone.

    >>> membership(Path("pos2_frame7.tif"))
    Membership(group='pos2', rule='counter')
    """
    name = name or read_names([path])[path]
    if name.has("well"):
        group = name.without(*COUNTED, "site")
        if group != name.stem or frames == 1:
            return Membership(group, "well" if group != name.stem else "itself")
    if frames > 1:
        return Membership(name.without("channel") or name.stem, "stack")
    group = name.without(*COUNTED)
    if group == name.stem:
        return Membership(group, "itself")
    if not group:
        return Membership(name.folder(path).name, "folder")
    if not name.counting:
        return Membership(group, "channel")
    return Membership(group, "movie" if name.counting[1].kind == "number" else "counter")


def told_groups(told: str, paths: Sequence[Path], *, with_folders: bool = False) -> dict[Path, Membership]:
    """The group of each file as a person says: with a table in a .csv file, or with a pattern.

    Args:
        told: the table's file, or the pattern.
        paths: the files.
        with_folders: whether a pattern sees the folders of a path, too, and not its name alone.

    Raises:
        RequestError: the table cannot be read, leaves a file out or says several groups of it; the pattern is wrong or
            fits no name.
    """
    if told.lower().endswith(".csv"):
        groups = listed_in(Path(told), paths, "group", "--groups")
    else:
        groups = _by_pattern(told, {path: path.as_posix() if with_folders else called(path) for path in paths})
    return {path: Membership(group, "told") for path, group in groups.items()}


def grouped_in_words(members: Iterable[tuple[Path, Membership]]) -> str:
    """How the groups came about, with an example of each rule."""
    examples: dict[Rule, tuple[Path, Membership]] = {}
    for path, member in members:
        examples.setdefault(member.rule, (path, member))
    sentences = [_sentence(rule, *examples[rule]) for rule in examples if rule != "itself"]
    if "itself" in examples:
        sentences.append("other files stand alone" if sentences else "no names say that images belong together")
    return "; ".join(sentences)


def _sentence(rule: Rule, path: Path, member: Membership) -> str:
    name = stem(path)
    return {
        "counter": f"names that differ only in a moment or slice, as {name} of {member.group}",
        "channel": f"channels of one image, as {name} of {member.group}",
        "well": f"wells, as {name} of {member.group}",
        "movie": f"movies and stacks in several files, as {name} of {member.group}",
        "stack": "each file of several frames",
        "folder": f"moments or slices of one folder, as {name} of {member.group}",
        "told": "as told by --groups",
        "itself": "",
    }[rule]


def _by_pattern(pattern: str, names: Mapping[Path, str]) -> dict[Path, str]:
    """The first bracket of `pattern` in a file's name, or all that matches; without a match, a group of its own."""
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise RequestError(f"--groups {pattern!r} is not a regular expression: {error}.") from error
    found = {path: expression.search(name) for path, name in names.items()}
    if not any(found.values()):
        example = f", such as {next(iter(names.values()))}" if names else ""
        raise RequestError(f"--groups {pattern!r} fits none of the {len(names)} image names{example}.")
    return {
        path: (match[1] if expression.groups and match[1] is not None else match[0]) if match else plain_stem(path)
        for path, match in found.items()
    }
