"""Names of files read as a table: which parts count moments, slices or channels, learned from all names at once.

A name alone tells much: `t012` at its end is a moment, and `B04` a well. What is counted in its middle, its fellows
tell: where the rest of a name comes again with another number, the number counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from morula.names.endings import home, plain_stem, stem_in_folders
from morula.names.parts import LONG, Part, cut
from morula.names.vocabulary import DAYS, FILMED, LETTERS, ROLES, TIMES, Role

GAPS = "_-. ()[]#,="
COUNTED: tuple[Role, ...] = ("time", "slice", "channel", "ignored")
"""What differs between the images of one thing."""
IN_ORDER: tuple[Role, ...] = ("time", "slice")
"""What puts the images of one thing in order, the first that is there."""


@dataclass(frozen=True)
class Name:
    """What a file's name says.

    Attributes:
        stem: the name without its ending; with its folders in front, where they tell something.
        parts: what it is made of.
        roles: what each part tells.
    """

    stem: str
    parts: tuple[Part, ...]
    roles: tuple[Role, ...]

    def has(self, *roles: Role) -> bool:
        """Whether a part tells one of these."""
        return not set(roles).isdisjoint(self.roles)

    def folder(self, file: Path) -> Path:
        """The folder of the file that has this name; of those that the name holds, the one above."""
        above = (home(file), *home(file).parents)
        return above[min(self.stem.count("/"), len(above) - 1)]

    def without(self, *roles: Role) -> str:
        """What is left of the name without the parts that tell these, and without the gaps before them."""
        if not self.has(*roles):
            return self.stem
        text, at = "", 0
        for part, role in zip(self.parts, self.roles, strict=True):
            kept = self.stem[at : part.start].rstrip(GAPS) if role in roles else self.stem[at : part.end]
            text, at = text + kept, part.end
        pieces = (text + self.stem[at:]).split("/")
        if len(pieces) > 1:  # a folder that told nothing else is left out
            pairs = zip(self.parts, self.roles, strict=True)
            kept = {self.stem.count("/", 0, part.start) for part, role in pairs if role not in roles}
            pieces = [piece for place, piece in enumerate(pieces) if place in kept]
        return "/".join(_closed(piece.strip(GAPS)) for piece in pieces)

    def of(self, role: Role) -> str:
        """The parts that tell this, as they stand in the name."""
        pairs = zip(self.parts, self.roles, strict=True)
        return "_".join(self.stem[part.start : part.end] for part, told in pairs if told == role)

    @cached_property
    def counting(self) -> tuple[Role, Part] | None:
        """What puts the file in order among those of one thing, and its part of the name."""
        pairs = list(zip(self.roles, self.parts, strict=True))
        return next((pair for wanted in IN_ORDER for pair in pairs if pair[0] == wanted), None)


def _closed(text: str) -> str:
    """A piece of a name with the brackets closed that are open at its end."""
    return text + "".join(shut * (text.count(opened) - text.count(shut)) for opened, shut in ("()", "[]"))


def read_names(files: Iterable[Path]) -> dict[Path, Name]:
    """What the names of files say, each read beside the others.

    Where files of one name lie in folders that differ in a moment alone (`TimePoint_1/a`, `TimePoint_2/a`), and no name
    tells a moment itself, their folders are read as the beginning of the names.

    >>> names = read_names(map(Path, ["img_t1_gfp.tif", "img_t2_gfp.tif"]))
    >>> [name.without("time") for name in names.values()]
    ['img_gfp', 'img_gfp']
    """
    stems = {file: plain_stem(file) for file in files}
    read = _read({*stems.values()})
    if _folders_are_moments(stems) and not any(name.has("time") for name in read.values()):
        stems = {file: stem_in_folders(file, 1) for file in stems}
        read = _read({*stems.values()})
    return {file: read[stem] for file, stem in stems.items()}


def _folders_are_moments(stems: Mapping[Path, str]) -> bool:
    """Whether a name comes again in another folder, and the names of all folders differ in a moment alone."""
    folders = {(home(file), stem) for file, stem in stems.items()}
    if len({stem for _, stem in folders}) == len(folders):
        return False
    names = {home(file.absolute()).name for file in stems}
    rests = {(name[: part.start], name[part.end :]) for name in names for part in cut(name) if part.word in TIMES}
    return len(names) > 1 and len(rests) == 1 and all(any(part.word in TIMES for part in cut(name)) for name in names)


def _read(stems: Iterable[str]) -> dict[str, Name]:
    """What each name says, read beside the others."""
    alike: dict[tuple, list[tuple[str, tuple[Part, ...]]]] = defaultdict(list)
    for stem in sorted(stems):
        parts = cut(stem)
        alike[tuple((part.kind, part.word) for part in parts)].append((stem, parts))
    return {name.stem: name for rows in alike.values() for name in _read_alike(rows)}


def _read_alike(rows: Sequence[tuple[str, tuple[Part, ...]]]) -> list[Name]:
    """Names that are made of the same kinds of parts."""
    columns = list(zip(*([stem[part.start : part.end] for part in parts] for stem, parts in rows), strict=True))
    roles = _roles(rows[0][1], [_Column(column) for column in columns])
    return [Name(stem, parts, tuple(roles)) for stem, parts in rows]


class _Column:
    """What stands at one place of names that are alike.

    Attributes:
        texts: in each name.
        fixed: it is the same in all of several.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.fixed = len(texts) > 1 and len(set(texts)) == 1


def _roles(parts: Sequence[Part], columns: Sequence[_Column]) -> list[Role]:
    well = _well(parts)
    roles: list[Role] = [_by_itself(part) for part in parts]
    if well is not None:
        roles[well] = "well"
    _read_letters(roles, parts)
    _read_numbers(roles, parts, columns)
    _choose_time(roles, parts, columns)
    counted = [role in COUNTED for role in roles]
    for place, part in enumerate(parts):
        at_end = all(role != "text" for role in roles[place:]) and part.kind != "dye"
        if counted[place] and not at_end and not _comes_again(place, roles, columns):
            roles[place] = "text"
    told = [part.word for part, role in zip(parts, roles, strict=True) if role != "ignored"]
    if len(told) == 1 and told[0] in DAYS | {"s"}:
        return ["text"] * len(parts)
    return roles


def _by_itself(part: Part) -> Role:
    """What a part tells by its word, or by how its number is written."""
    if part.kind in ("clock", "duration"):
        return "time"
    if part.kind == "dye":
        return "channel"
    if part.kind == "number":
        long = part.digits[1] - part.digits[0] == LONG
        return "time" if long and part.value < 10 ** (LONG - 1) else "text"
    if part.word == "p" and part.joined:
        return "slice"
    return ROLES.get(part.word, "text")


def _well(parts: Sequence[Part]) -> int | None:
    """The place of the first well behind which nothing stands but what is counted in it."""
    for place, part in enumerate(parts):
        if part.kind == "well" and not any(each.kind in ("text", "well") for each in parts[place + 1 :]):
            return place
    return None


def _read_letters(roles: list[Role], parts: Sequence[Part]) -> None:
    """Settle what a lone letter means by what stands beside it."""
    beside = {"well", "time", "slice", "channel"}.intersection(roles)
    for place, part in enumerate(parts):
        if part.word in LETTERS and (beside or part.joined):
            roles[place] = "channel" if part.joined else LETTERS[part.word]
        elif part.word == "s" and not part.joined and not beside & {"well", "time"}:
            roles[place] = "slice"


def _read_numbers(roles: list[Role], parts: Sequence[Part], columns: Sequence[_Column]) -> None:
    """Settle what numbers without a word count: moments of what is filmed, or places and moments in a well."""
    filmed = long = False
    for place, part in enumerate(parts):
        in_well = "well" in roles[:place]
        if part.kind == "number" and roles[place] == "text" and (in_well or filmed or long):
            roles[place] = "slice" if long else "site" if "time" in roles else "time"
            later = any(each.kind == "number" for each in parts[place + 1 :])
            if in_well and (later or (columns[place].fixed and roles[place] == "site")):
                roles[place] = "text" if columns[place].fixed else "site"
        filmed |= part.word in FILMED
        long |= part.kind == "number" and roles[place] == "time"


def _choose_time(roles: list[Role], parts: Sequence[Part], columns: Sequence[_Column]) -> None:
    """Of several times, keep the one that counts best; the others tell a place where they do not follow from it."""
    times = [place for place, role in enumerate(roles) if role == "time"]
    if any(role == "slice" and not columns[place].fixed for place, role in enumerate(roles)):
        for place in times:
            if columns[place].fixed:
                roles[place] = "ignored"
    times = [place for place in times if roles[place] == "time"]
    if len(times) < 2:
        return

    def worth(place: int) -> tuple[bool, int]:
        part = parts[place]
        kinds = (part.word in TIMES, part.kind == "number", part.kind == "duration", part.kind == "clock", True)
        return columns[place].fixed, kinds.index(True)

    best = min(times, key=worth)
    kept = [place for place, role in enumerate(roles) if role not in ("time", "ignored")]
    rest = [columns[place].texts for place in [*kept, best]]
    once = len(set(zip(*rest, strict=True))) == len(columns[best].texts)
    for place in times:
        if place != best:
            roles[place] = "ignored" if once else "site"


def _comes_again(place: int, roles: Sequence[Role], columns: Sequence[_Column]) -> bool:
    """Whether the rest of a name comes again with something else at a place."""
    kept = [column.texts for column, role in zip(columns, roles, strict=True) if role not in COUNTED]
    rests = list(zip(*kept, strict=True)) or [()] * len(columns[place].texts)
    return len(set(zip(rests, columns[place].texts, strict=True))) > len(set(rests))
