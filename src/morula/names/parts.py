"""A file's name cut into parts: words with their numbers, times in units, dates, wells, dyes, and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from morula.names.vocabulary import DYES, DYES_IN_TWO_WORDS, JOINED, NUMBERED_DYES, WAVELENGTHS, WELLS, WORDS

Kind = Literal["text", "number", "word", "duration", "clock", "well", "dye"]

MINUTES = {"w": 10_080.0, "sem": 10_080.0, "d": 1440.0, "t": 1440.0, "j": 1440.0, "h": 60.0, "st": 60.0, "m": 1.0,
           "s": 1 / 60, "ms": 1 / 60_000}
"""How long the units of time are, by the longest beginning of theirs that stands here: `st` of `Std` and `Stunde`."""
LONG = 9  # digits by which Micro-Manager counts moments

_UNIT = r"weeks?|wks?|days?|d|dpf|hours?|hrs?|h|hpf|minutes?|mins?|seconds?|secs?|s|ms|msec" \
        r"|wochen?|tage?|stunden?|std|minuten?|sekunden?|sek|semaines?|jours?|heures?|secondes?"
_BEGINNING, _END = r"(?<![^\W_])", r"(?![^\W_])"
_CHUNK = re.compile(r"[^\W_]+")
_DAY = r"(?P<year>(?:19|20)\d\d)(?P<gap>[-.]?)(?P<month>\d\d)(?P=gap)(?P<day>\d\d)"
_CLOCKS = tuple(re.compile(_BEGINNING + clock + _END) for clock in (
    _DAY + r"[T _-]+(?P<hour>\d\d)(?P<colon>[-:._h]?)(?P<minute>\d\d)(?P=colon)(?P<second>\d\d)(?:[.,]\d+)?[Zs]?",
    _DAY + r"(?:T|[ _-]+(?=\d\d[-:.h]))(?P<hour>\d\d)[-:.h]?(?P<minute>\d\d)[Zm]?",
    r"(?P<year>(?:19|20)\d\d)y(?P<month>\d\d)m(?P<day>\d\d)d[ _-]?(?P<hour>\d\d)h(?P<minute>\d\d)m"
    r"(?:(?P<second>\d\d)s)?",
    r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>(?:19|20)\d\d)"
    r"[T _-]+(?P<hour>\d\d)(?P<colon>[-:.h])(?P<minute>\d\d)(?:(?P=colon)(?P<second>\d\d))?",
))
_LONG_DURATION = re.compile(_BEGINNING + r"[tT]?(?:\d+(?:d|h|min|m|s)){2,}" + _END, re.IGNORECASE)
_DURATION = re.compile(_BEGINNING + rf"[tT]?(\d+(?:[.,]\d+)?) ?({_UNIT})" + _END, re.IGNORECASE)
_DYE = re.compile(_BEGINNING + rf"(?:(?i:{NUMBERED_DYES}|{'|'.join(DYES_IN_TWO_WORDS).replace(' ', '[ _-]')})"
                  rf"|{WAVELENGTHS})" + _END)
_WELL = re.compile(r"(?:(?i:well))?[A-P](?:0?[1-9]|1\d|2[0-4])")
_STAGE = re.compile(_BEGINNING + r"[Ee]1?\d[.,](?:25|5|75)" + _END)  # of a mouse embryo: E8.5 is no well E8
_COUNTED = re.compile(r"([^\W\d_]+)(\d+)")
_WAVE = re.compile(r"([wW])(\d)[^\W\d_]\w*")  # MetaMorph writes the dye behind the number of a channel
_MOMENT = re.compile(r"([tT]ime)(\d+)T")  # and Micro-Manager a T behind that of a moment
_OPERA = re.compile(r"(?P<well>\d{6})-(?P<t>\d+)-(?P<f>\d{3})(?P<z>\d{3})(?P<ch>\d{3})")
_CYTATION = re.compile(r"(?P<well>[A-P]\d\d?)_(?P<s>-?\d+)_(?P<m>\d+)_(?P<f>\d+)_(?P<ch>[A-Za-z][^_]*?(?: \d+,\d+)?)_"
                       r"(?P<t>\d{3})")
_IN_CELL = re.compile(r"(?P<well>[A-P] - \d\d?)\((?:(?P<f>fld \d+))?(?: ?(?P<ch>wv [^()]+? - [^()]+?))?"
                      r"(?: (?P<z>z \d+))?(?: (?P<t>tm \d+))?\)")
_FLEX = re.compile(r"(?P<well>(?:00[1-9]|0[12]\d|03[0-2])(?:00[1-9]|0[1-3]\d|04[0-8]))(?P<f>\d{3})")


@dataclass(frozen=True)
class Part:
    """A piece of a name.

    Attributes:
        kind: what it looks like.
        start, end: where it stands in the name.
        word: before the number, in small letters; empty where there is none.
        value: the number; minutes where the kind is a duration or a clock.
        digits: where the number stands in the name.
        joined: nothing stands between it and the part before, as in `r01c01`.
    """

    kind: Kind
    start: int
    end: int
    word: str = ""
    value: float = 0.0
    digits: tuple[int, int] = (0, 0)
    joined: bool = False


def cut(name: str) -> tuple[Part, ...]:
    """The parts of a file's name without its ending.

    >>> [(part.kind, part.word, part.value) for part in cut("B04_t012_2h")]
    [('well', '', 0.0), ('word', 't', 12.0), ('duration', '', 120.0)]
    """
    whole = _OPERA.fullmatch(name) or _FLEX.fullmatch(name) or _IN_CELL.fullmatch(name) or _CYTATION.fullmatch(name)
    if whole and (whole.re is not _CYTATION or _is_dye(re.sub(r" \d+,\d+$", "", whole["ch"]))):
        return tuple(_named(word, *whole.span(word), name) for word, text in whole.groupdict().items() if text)
    return tuple(_with_loose_numbers(list(_parts(name)), name))


def _named(word: str, start: int, end: int, name: str) -> Part:
    if word == "well":
        return Part("well", start, end)
    number = re.search(r"\d+$", name[start:end])
    digits = (start + number.start(), end) if number else (end, end)
    return Part("word", start, end, word, float(number[0]) if number else 0.0, digits, joined=True)


def _is_dye(text: str) -> bool:
    return text.casefold() in DYES or bool(_DYE.fullmatch(text))


def _parts(name: str) -> Iterator[Part]:
    at = 0
    while chunk := _CHUNK.search(name, at):
        timed = _timed(name, chunk.start()) if re.match(r"[tT]?\d", chunk[0]) else None
        stage = _STAGE.match(name, chunk.start())
        dye = _DYE.match(name, chunk.start())
        if timed:
            yield timed
            at = timed.end
        elif stage:
            yield Part("text", *stage.span())
            at = stage.end()
        elif dye:
            yield Part("dye", *dye.span())
            at = dye.end()
        else:
            yield from _of_chunk(chunk[0], chunk.start())
            at = chunk.end()


def _timed(name: str, at: int) -> Part | None:
    """A clock or a duration that begins here."""
    for clock in _CLOCKS:
        if found := clock.match(name, at):
            numbers = {key: int(number) for key, number in found.groupdict().items() if number and number.isdigit()}
            try:
                moment = datetime(**numbers, tzinfo=UTC)
            except ValueError:  # a number of as many digits
                continue
            return Part("clock", at, found.end(), value=moment.timestamp() / 60, digits=found.span())
    if found := _LONG_DURATION.match(name, at):
        pieces = re.findall(r"(\d+)([a-z])", found[0].casefold())
        return Part("duration", at, found.end(), value=sum(int(number) * MINUTES[unit] for number, unit in pieces),
                    digits=found.span())
    if (found := _DURATION.match(name, at)) and found[2] != "D":  # 3D is no time
        unit = found[2].casefold()
        begins = max((each for each in MINUTES if unit.startswith(each)), key=len)
        minutes = float(found[1].replace(",", ".")) * MINUTES[begins]
        return Part("duration", at, found.end(), value=minutes, digits=found.span())
    return None


def _of_chunk(chunk: str, start: int) -> Iterator[Part]:
    """The parts of letters and digits with nothing between them."""
    if chunk.isdecimal():
        yield Part("number", start, start + len(chunk), value=float(chunk), digits=(start, start + len(chunk)))
    elif _WELL.fullmatch(chunk):
        yield Part("well", start, start + len(chunk))
    elif chunk.casefold() in DYES:
        yield Part("dye", start, start + len(chunk))
    else:
        yield from _counted(chunk, start)


def _counted(chunk: str, start: int) -> Iterator[Part]:
    """Words with their numbers, if the chunk is made of them alone, one or several; else it is text."""
    well = _WELL.match(chunk)
    run = list(_COUNTED.finditer(chunk, well.end() if well else 0))
    words = [each[1].casefold() for each in run]
    whole = (well.end() if well else 0) + sum(len(each[0]) for each in run) == len(chunk)
    special = _WAVE.fullmatch(chunk) or _MOMENT.fullmatch(chunk)
    letters = [chunk[0].casefold(), *words] if well else words
    if whole and len(letters) > 1 and len(set(letters)) == len(letters) and JOINED.issuperset(words):
        named = next((len(each) for each in WELLS if tuple(words[: len(each)]) == each), 0)
        if well or named:
            yield Part("well", start, start + (well.end() if well else run[named - 1].end()))
        yield from (_word(each, start, joined=True) for each in run[0 if well else named :])
    elif special or (whole and not well and words[0] in WORDS):
        yield _word(special or run[0], start)
    else:
        yield Part("text", start, start + len(chunk))


def _word(found: re.Match[str], start: int, *, joined: bool = False) -> Part:
    digits = start + found.start(2), start + found.end(2)
    whole = start + found.start(), start + found.end()
    return Part("word", *whole, found[1].casefold(), float(found[2]), digits, joined)


def _with_loose_numbers(parts: list[Part], name: str) -> Iterator[Part]:
    """Words of their own with the number that follows behind a single gap, as in `site 2`."""
    place = 0
    while place < len(parts):
        part, after = parts[place], parts[place + 1] if place + 1 < len(parts) else None
        word = name[part.start : part.end].casefold()
        if (part.kind == "text" and word in WORDS and after and after.kind == "number"
                and after.start == part.end + 1 and after.end - after.start < LONG):
            yield Part("word", part.start, after.end, word, after.value, after.digits)
            place += 2
        elif part.kind == "text" and word == "well" and after and after.kind == "well" and after.start == part.end + 1:
            yield Part("well", part.start, after.end)
            place += 2
        else:
            yield part
            place += 1
