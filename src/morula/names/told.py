"""What names of files say, as a person tells it: `{well}_{site}_{time}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from morula.errors import RequestError
from morula.names.endings import ending, stem_in_folders
from morula.names.parts import Part, cut
from morula.names.table import Name, read_names
from morula.names.vocabulary import Role

FIELDS: Mapping[str, Role] = {"well": "well", "site": "site", "time": "time", "slice": "slice", "channel": "channel",
                              "ignored": "ignored"}
"""What can be told; a field of any other name is a part of what the image is of."""
ANNOTATOR = "annotator"
"""The field of who drew a mask."""
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
    return {file: _name(match.string, match) for file, match in _matches(files, told, "--names").items()}


def field_of(files: Iterable[Path], told: str, field: str, option: str) -> dict[Path, str]:
    """What stands in one field of the names of files.

    Args:
        files: the files.
        told: what their names tell, as in `names_of`.
        field: which is looked for.
        option: by which it was told, for words.

    Raises:
        RequestError: what was told is no pattern, lacks the field, or does not fit every name.

    >>> list(field_of([Path("cell_01_anna.tif")], "{what}_{annotator}", "annotator", "--annotators").values())
    ['anna']
    """
    if field not in _pattern(told, option).groupindex:
        raise RequestError(f"{option} {told!r} does not say where in a name the {field} stands. Write {{{field}}} "
                           "there.")
    return {file: match[field] for file, match in _matches(files, told, option).items()}


def _matches(files: Iterable[Path], told: str, option: str) -> dict[Path, re.Match[str]]:
    pattern = _pattern(told, option)
    stems = {file: stem_in_folders(file, told.count("/")) for file in files}
    found = {file: pattern.fullmatch(stem) for file, stem in stems.items()}
    if wrong := [stems[file] + ending(file) for file, match in found.items() if not match]:
        raise RequestError(f"{option} {told!r} does not fit {len(wrong)} of {len(stems)} names, such as {wrong[0]}. "
                           "Write what stands between the fields as it stands in the names, without their ending.")
    return {file: match for file, match in found.items() if match}


def suggested(one: str, other: str, stems: Sequence[str]) -> str | None:
    """What could be told of names of which two are of one thing: all words say what it is but the one that differs.

    Args:
        one: the name of an image, without its ending.
        other: that of the same thing at another moment.
        stems: of all images.

    Returns:
        None where the two differ in more than a word, or in all there is, or other names are made otherwise.

    >>> suggested("wt_ax", "wt_bx", ["wt_ax", "wt_bx", "mutant_ax"])
    '{what}_{ignored}'
    >>> suggested("20210801_wt-2", "20210802_wt-2", ["20210801_wt-2", "20210802_wt-2"])
    '{time}_{what1}-{what2}'
    """
    words, others = re.split(r"([_\-. ]+)", one), re.split(r"([_\-. ]+)", other)
    if len(words) != len(others) or len(words) < 3:
        return None
    differing = [place for place, (word, its) in enumerate(zip(words, others, strict=True)) if word != its]
    if len(differing) != 1 or differing[0] % 2:
        return None
    fields = [place for place in range(0, len(words), 2) if place != differing[0]]
    names = {place: f"what{number}" if len(fields) > 1 else "what" for number, place in enumerate(fields, start=1)}
    for moment in ("time", "ignored"):
        told = "".join(word if place % 2 else f"{{{names.get(place, moment)}}}" for place, word in enumerate(words))
        if all(map(_pattern(told).fullmatch, stems)):
            return told
    return None


def _pattern(told: str, option: str = "--names") -> re.Pattern[str]:
    """The expression that a person's pattern stands for."""
    pieces = re.split(r"\{([^{}]*)\}", told)
    fields = pieces[1::2]
    wrong = next((field for field in fields if not field.isidentifier()), None)
    if not fields or wrong is not None or set("{}") & set("".join(pieces[::2])):
        raise RequestError(f"{option} {told!r} names no fields. Put each in curly brackets, as in {EXAMPLE!r}: "
                           f"{', '.join(FIELDS)}, or any other word for what an image is of.")
    if twice := next((field for field in fields if fields.count(field) > 1), None):
        raise RequestError(f"{option} {told!r} names {{{twice}}} twice. Give each field a name of its own.")
    return re.compile("".join(_expression(piece) if place % 2 else re.escape(piece)
                              for place, piece in enumerate(pieces)), re.DOTALL)


def _expression(field: str) -> str:
    if field == ANNOTATOR:  # one word, so that numbers before it are not taken for a part of it
        return rf"(?P<{field}>[^\W_]+)"
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
