"""What names of files say, as a person tells it: `{well}_{site}_{time}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from morula.errors import RequestError
from morula.names.endings import ending, stem_in_folders
from morula.names.parts import Part, cut
from morula.names.table import Name, read_names
from morula.names.vocabulary import Role

FIELDS: Mapping[str, Role] = {"well": "well", "site": "site", "time": "time", "slice": "slice", "channel": "channel",
                              "ignored": "ignored"}
"""What can be told; a field of any other name is a part of what the image is of."""
EXAMPLE = "{well}_{site}_{time}"


def names_of(files: Iterable[Path], told: str | None = None) -> dict[Path, Name]:
    """What the names of files say: as a person told it, else as they are read.

    A slash in what was told parts a folder from what lies in it: `TimePoint_{time}/{well}`.

    Raises:
        RequestError: what was told is no pattern, or does not fit every name.
    """
    files = list(files)
    if told is None:
        return read_names(files)
    pattern = _pattern(told)
    stems = {file: stem_in_folders(file, told.count("/")) for file in files}
    found = {file: pattern.fullmatch(stem) for file, stem in stems.items()}
    if wrong := [stems[file] + ending(file) for file, match in found.items() if not match]:
        raise RequestError(f"--names {told!r} does not fit {len(wrong)} of {len(files)} names, such as {wrong[0]}. "
                           "Write what stands between the fields as it stands in the names, without their ending.")
    return {file: _name(stems[file], match) for file, match in found.items() if match}


def _pattern(told: str) -> re.Pattern[str]:
    """The expression that a person's pattern stands for."""
    pieces = re.split(r"\{([^{}]*)\}", told)
    fields = pieces[1::2]
    wrong = next((field for field in fields if not field.isidentifier()), None)
    if not fields or wrong is not None or set("{}") & set("".join(pieces[::2])):
        raise RequestError(f"--names {told!r} names no fields. Put each in curly brackets, as in {EXAMPLE!r}: "
                           f"{', '.join(FIELDS)}, or any other word for what an image is of.")
    if twice := next((field for field in fields if fields.count(field) > 1), None):
        raise RequestError(f"--names {told!r} names {{{twice}}} twice. Give each field a name of its own.")
    return re.compile("".join(_expression(piece) if place % 2 else re.escape(piece)
                              for place, piece in enumerate(pieces)), re.DOTALL)


def _expression(field: str) -> str:
    return rf"(?P<{field}>\D*\d.*?)" if FIELDS.get(field) in ("time", "slice") else rf"(?P<{field}>.+?)"


def _name(stem: str, match: re.Match[str]) -> Name:
    """A name as it was told; numbers and units in its moment are read as anywhere."""
    parts, roles = [], []
    for field in sorted(match.groupdict(), key=match.start):
        start, end = match.span(field)
        role = FIELDS.get(field, "text")
        parts.append(_counted(match[field], start) if role in ("time", "slice") else Part("text", start, end))
        roles.append(role)
    return Name(stem, tuple(parts), tuple(roles))


def _counted(text: str, start: int) -> Part:
    """The number, or the time in units, that stands in a part of a name."""
    timed = next((part for part in cut(text) if part.kind in ("clock", "duration")), None)
    if timed:
        digits = start + timed.digits[0], start + timed.digits[1]
        return Part(timed.kind, start, start + len(text), value=timed.value, digits=digits)
    [number, *_] = re.finditer(r"\d+", text)
    digits = start + number.start(), start + number.end()
    return Part("number", start, start + len(text), value=float(number[0]), digits=digits)
