"""What the names of all images have in common and what those of all masks have, so that the rest tells who belongs.

Names are cut between words, numbers and signs only, never inside a number: `t10` and `t20` share no `0`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, takewhile

FEWEST = 2
"""Pairs from which on what names share is told from what tells them apart."""

SOME = 64
"""Names that are looked at before all of many."""

_PIECE = re.compile(r"\d+|[A-Z](?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_]+|[\W_]")
_CHANNEL = re.compile(r"(?:c|ch|chan|channel|w)[ _-]?\d+|0{3}\d", re.IGNORECASE)

_ROWS = tuple("ABCDEFGH")  # of plates

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Affixes:
    """The keys of both sides once common affixes are left out, None where nothing is left of a name, and these affixes,
    such as `…_img` and `…_pred`."""

    images: list[Key | None]
    masks: list[Key | None]
    words: tuple[str, str]


def without_affixes(images: Sequence[str], masks: Sequence[str]) -> Affixes | None:
    """Leave out a beginning and an end that all images share, and those that all masks do, so that most names meet.

    None where fewer than `FEWEST` pairs come of it, or less than half of what there could be, or where other cuts give
    as many pairs, but others.
    """
    ours, theirs = _Side(images), _Side(masks)
    best: list[tuple[tuple[int, int], tuple[int, int]]] = []
    most, pairings = max(FEWEST, -(-min(len(images), len(masks)) // 2)), set()
    for cut in _cuts(ours, theirs):
        smaller, larger = sorted(zip((ours, theirs), cut, strict=True), key=lambda side: side[0].count)
        if not smaller[0].few(smaller[1]) & larger[0].once(larger[1]).keys():
            continue
        found = frozenset(_meetings(ours.once(cut[0]), theirs.once(cut[1])))
        if len(found) < most or contradict(ours.cut_off(cut[0]), theirs.cut_off(cut[1])):
            continue
        if len(found) > most:
            most, best, pairings = len(found), [], set()
        best.append(cut)
        pairings.add(found)
    if len(pairings) != 1:
        return None
    one, other = min(best, key=lambda cut: (ours.words(cut[0]) + theirs.words(cut[1]), -sum(map(sum, cut)), cut))
    return Affixes(ours.keys(one), theirs.keys(other), (ours.shown(one), theirs.shown(other)))


def contradict(one: str, other: str) -> bool:
    """Whether two texts count or letter different things: `exp1_` and `exp2_`, `wellA` and `wellB`, `A1_` and `B1_`.

    Numbers of channels tell nothing, and neither does a text without any.

    >>> contradict("exp1_", "exp2_"), contradict("wellA_", "wellB_"), contradict("exp1_img", "exp1_pred")
    (True, True, False)
    """
    ours, theirs = _counters(one), _counters(other)
    return not (ours <= theirs or theirs <= ours)


def _counters(text: str) -> Counter[str]:
    """What stands in a text to tell its like apart: numbers, wells, and lone capitals."""
    pieces = _PIECE.findall(_CHANNEL.sub("", text))
    found = []
    words = [""] + [piece for piece in pieces if piece.isalnum()]
    for before, piece in pairwise(words):
        if piece.isdecimal():
            well = before if len(before) == 1 and before.isupper() else ""
            found.append(f"{well}{int(piece)}")
        elif piece in _ROWS:
            found.append(piece)
    return Counter(found)


class _Side:
    """The names of one side in pieces."""

    def __init__(self, names: Sequence[str]):
        self._names = [_PIECE.findall(name) for name in names]
        self._pieces = [[int(piece) if piece.isdecimal() else piece.casefold() for piece in name]
                        for name in self._names]
        self.shared = _common(self._pieces), _common([pieces[::-1] for pieces in self._pieces])
        self.count = len(names)
        self.once = cache(lambda cut: _once(self.keys(cut)))

    def keys(self, cut: tuple[int, int], step: int = 1) -> list[Key | None]:
        """What is left of each name without so many pieces of its beginning and of its end; of nothing, None."""
        start, end = cut
        return [_trimmed(pieces[start : len(pieces) - end]) for pieces in self._pieces[::step]]

    def few(self, cut: tuple[int, int]) -> set[Key]:
        """Some of the keys: where none of these meets one, hardly half of all would."""
        return {key for key in self.keys(cut, max(1, self.count // SOME)) if key is not None}

    def words(self, cut: tuple[int, int]) -> int:
        """How many words and numbers are cut off."""
        return len(re.findall(r"[^\W_]+", self.cut_off(cut)))

    def cut_off(self, cut: tuple[int, int]) -> str:
        beginning, end = self._ends(cut)
        return f"{beginning} {end}"

    def shown(self, cut: tuple[int, int]) -> str:
        beginning, end = self._ends(cut)
        return f"{beginning}…{end}"

    def _ends(self, cut: tuple[int, int]) -> tuple[str, str]:
        name = self._names[0]
        return "".join(name[: cut[0]]), "".join(name[len(name) - cut[1] :])


def _common(names: Sequence[Sequence[Hashable]]) -> int:
    """How many pieces all names begin with."""
    alike = takewhile(lambda pieces: len(set(pieces)) == 1, zip(*names, strict=False))
    return sum(1 for _ in alike)


def _trimmed(pieces: Sequence[Hashable]) -> Key | None:
    """The pieces without the signs at their ends."""
    words = [place for place, piece in enumerate(pieces) if not isinstance(piece, str) or piece.isalnum()]
    return tuple(pieces[words[0] : words[-1] + 1]) if words else None


def _cuts(ours: _Side, theirs: _Side) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """How many pieces might be cut off at both ends of the names of both sides.

    Of what both sides share, it is the same whether it is left out: so at either end, one side goes without all that
    its names share, and the other, some of which may have no partner, without all or less.
    """
    for start in _amounts(ours.shared[0], theirs.shared[0]):
        for end in _amounts(ours.shared[1], theirs.shared[1]):
            yield (start[0], end[0]), (start[1], end[1])


def _amounts(one: int, other: int) -> list[tuple[int, int]]:
    return sorted({*((one, fewer) for fewer in range(other + 1)), *((fewer, other) for fewer in range(one + 1))})


def _meetings(ours: dict[Key, int], theirs: dict[Key, int]) -> Iterator[tuple[int, int]]:
    """The places of the pairs: keys that occur once on each side."""
    for key, place in ours.items():
        if key in theirs:
            yield place, theirs[key]


def _once(keys: Iterable[Key | None]) -> dict[Key, int]:
    """The places of the keys that occur once."""
    found: dict[Key, int] = {}
    several = set()
    for place, key in enumerate(keys):
        if key in found:
            several.add(key)
        elif key is not None:
            found[key] = place
    return {key: place for key, place in found.items() if key not in several}
