"""What a mask file means: from the values people store to class numbers.

Every set of masks gets one reading, said in one sentence. Inside Morula a mask holds class numbers as
`uint8`: 0 is background, 1 to K are the classes, and 255 is not annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np

from morula.errors import DataError, RequestError
from morula.images.image import Image
from morula.pairs.census import (
    FEW,
    Carrier,
    Census,
    carried,
    carrier_of,
    distinct_values,
    edges_of,
    is_grainy,
    is_photograph,
    modes_of,
    number_objects,
)

NOT_ANNOTATED = 255
"""The class number of pixels that nobody annotated: they neither train nor count."""

ReadAs = Literal["auto", "binary", "inverted", "classes", "codes", "colours", "objects"]
"""How stored values become classes; `auto` looks at them and decides."""

MOST_CLASSES = 254

SCALED = 0.1  # from whole numbers: a header that spreads 8 bits over some numbers moves them by less

EDGES = "lie only along edges, as after reducing"

MIXED = "If these values are classes of their own, use --read-masks-as codes."

MANY = "If the values number objects, use --read-masks-as objects; if each is a class, --read-masks-as codes."

ONE_AND_TWO = [1, 2]  # what programs write that number from 1 all that can be drawn, background among it

Code = tuple[float, ...]
"""A stored value: one number for grey and alpha, three for a colour."""

COLOUR_NAMES: dict[tuple[float, ...], str] = {
    (0, 0, 0): "black", (255, 255, 255): "white", (255, 0, 0): "red", (0, 255, 0): "green",
    (0, 0, 255): "blue", (255, 255, 0): "yellow", (255, 0, 255): "magenta", (0, 255, 255): "cyan",
}


@dataclass(frozen=True)
class MaskReading:
    """How the stored values of a set of masks become class numbers.

    Attributes:
        carrier: the channels that count.
        codes: the known values, one row of one number (grey, alpha) or three (colour) each.
        numbers: the class number of each code.
        others: the class number of every other value, or None where another value is a mistake.
        nearest: every value means the nearest code, as after JPEG.
        sentence: all this in plain words.
        doubt: what else the masks could mean, and the option that says so; mostly empty.
    """

    carrier: Carrier
    codes: tuple[Code, ...]
    numbers: tuple[int, ...]
    others: int | None = None
    nearest: bool = False
    sentence: str = ""
    doubt: str = ""

    @property
    def classes(self) -> int:
        """The number of classes, background left out."""
        numbers = {*self.numbers, *([] if self.others is None else [self.others])} - {NOT_ANNOTATED}
        return max(numbers, default=0)

    def class_numbers(self, mask: np.ndarray) -> np.ndarray:
        """The class number of each pixel: `(channels, *space)` as stored → `(*space)` uint8.

        Raises:
            ValueError: the mask holds values or channels that this reading does not know.
        """
        codes, place = distinct_values(carried(mask, self.carrier))
        numbers = self._numbers_of(codes)
        if (numbers < 0).any():
            strange = ", ".join(_shown(code) for code in codes[numbers < 0][:5])
            known = ", ".join(_shown(code) for code in self.codes)
            raise ValueError(f"the mask holds the values {strange}, and only {known} are known")
        return numbers.astype(np.uint8)[place]

    def class_counts(self, census: Census) -> np.ndarray:
        """Pixels of each class in a frame, shape `(classes + 1,)`, those not annotated left out."""
        census = census.carried(self.carrier)
        numbers = self._numbers_of(census.codes)
        known = (numbers >= 0) & (numbers != NOT_ANNOTATED)
        counts = np.bincount(numbers[known], census.counts[known], self.classes + 1).astype(int)
        if self.others is not None:
            counts[self.others] += census.forgotten
        return counts

    def record(self) -> dict[str, Any]:
        """The reading as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The reading that `record` was made of."""
        codes = tuple(tuple(code) for code in record["codes"])
        return cls(**{**record, "codes": codes, "numbers": tuple(record["numbers"])})

    def _numbers_of(self, codes: np.ndarray) -> np.ndarray:
        """The class number of each row of `codes`; -1 for values that are not known."""
        unknown = -1 if self.others is None else self.others
        found = np.full(len(codes), unknown)
        if self.nearest:
            distance = np.abs(codes[:, None].astype(float) - np.array(self.codes)).max(axis=-1)
            return np.array(self.numbers)[distance.argmin(axis=1)]
        for code, number in zip(self.codes, self.numbers, strict=True):
            found[(codes == np.array(code)).all(axis=1)] = number
        return found


def class_names(classes: int) -> tuple[str, ...]:
    """What classes are called where nobody named them; background is left out.

    >>> class_names(1), class_names(2)
    (('foreground',), ('class 1', 'class 2'))
    """
    return ("foreground",) if classes == 1 else tuple(f"class {number}" for number in range(1, classes + 1))


def comparable(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of classes as they would be among several: where nobody named it, the only one is class 1."""
    return class_names(2)[:1] if tuple(classes) == class_names(1) else tuple(classes)


def recognise(
    masks: Sequence[Image], *, read_as: ReadAs = "auto", not_annotated: int | None = None
) -> MaskReading:
    """One reading for a set of masks, after a look at all of them.

    Raises:
        DataError: the masks cannot be understood, such as photographs; each is named.
        RequestError: the masks do not fit `read_as`.
        FileError: a mask cannot be read.
    """
    censuses = [[Census.take(frame) for frame in mask] for mask in masks]
    photographs = [
        mask for mask, taken in zip(masks, censuses, strict=True) if any(map(is_photograph, taken))
    ]
    if photographs and read_as == "auto":
        raise DataError([f"{mask.path or mask.name}: this mask is a photograph" for mask in photographs])
    return decide([census for taken in censuses for census in taken], read_as, not_annotated)


def decide(
    censuses: Sequence[Census], read_as: ReadAs = "auto", not_annotated: int | None = None
) -> MaskReading:
    """One reading from the censuses of all frames of a set of masks.

    `auto` prefers what is simplest. Whole numbers from 0 to 20 are class numbers and are kept as they are, save 1 and
    2 without any other: there 1 is background, as of any two values without 0. A few other values are codes:
    background and classes in ascending order. Colours likewise, with black as background, then red before green before
    blue. Many numbers, each one connected piece, number objects. Where every mask holds one value beside 0, but not
    all the same, all of them are class 1.
    A value that is `not_annotated` is set aside first; where that is 0, the smallest left is background.

    Raises:
        DataError: the values mean nothing that is known here.
        RequestError: the values do not fit `read_as`.
    """
    seen = _Evidence.of(censuses, not_annotated, smooth=read_as == "auto")
    mixed = _mixed_values(seen) if read_as == "auto" else []
    if read_as == "auto":
        read_as = "binary" if mixed else _recognised(seen)
    known, numbers, others = _table(seen, read_as)
    sentence = [_said(read_as, known, numbers, max(map(_foreground_values, seen.frames)))]
    if mixed:
        sentence.insert(0, f"each mask holds one value beside 0, here {mixed[0]} and there {mixed[1]}")
    if seen.scatter:
        sentence.insert(0, f"{seen.scatter}, and the nearest code counts")
    if seen.carrier == "alpha":
        sentence.append("the alpha channel carries the mask")
    elif any(census.codes.shape[1] in (2, 4) for census in censuses):
        sentence.append("the alpha channel is ignored")
    if not_annotated is not None:
        known, numbers = [*known, seen.code(not_annotated)], [*numbers, NOT_ANNOTATED]
        sentence.append(f"{not_annotated} is not annotated")
    return MaskReading(
        carrier=seen.carrier,
        codes=tuple(known),
        numbers=tuple(numbers),
        others=others,
        nearest=bool(seen.scatter),
        sentence="; ".join(sentence),
        doubt=MIXED if mixed else _doubt(seen, read_as),
    )


@dataclass(frozen=True)
class _Evidence:
    """What the masks of a set hold, seen together."""

    frames: tuple[Census, ...]  # only with the channels that carry the meaning
    pool: Census
    carrier: Carrier
    codes: np.ndarray  # (values, channels), ascending, what is not annotated left out
    numbered: bool  # so many values, each one piece, that they number objects
    scatter: str  # why values lie around `codes`; empty where they are exact
    zero_set_aside: bool

    @classmethod
    def of(cls, censuses: Sequence[Census], not_annotated: int | None, *, smooth: bool) -> _Evidence:
        carrier = carrier_of(censuses)
        try:
            frames = tuple(census.carried(carrier) for census in censuses)
        except ValueError as error:
            raise DataError([f"The masks cannot be read together: {error}."]) from error
        pool = Census.pool(frames)
        if not np.isfinite(pool.codes.astype(float)).all():
            raise DataError(["The masks hold NaN or infinity. Store a number of its own for what is not annotated."])
        numbered = pool.distinct > FEW and number_objects(frames)
        codes, scatter = (pool.codes, "") if numbered else _without_scatter(frames, pool, smooth=smooth)
        if not_annotated is not None:
            codes = codes[(codes != not_annotated).any(axis=1)]
        if not len(codes):
            raise DataError([f"Every pixel of the masks is {not_annotated}, which means not annotated."])
        return cls(frames, pool, carrier, codes, numbered, scatter, not_annotated == 0)

    def code(self, value: float) -> Code:
        return (value,) * self.codes.shape[1]


def _without_scatter(frames: Sequence[Census], pool: Census, *, smooth: bool) -> tuple[np.ndarray, str]:
    """The codes that values lie around, ascending, and why they do; all values, and nothing, where they are exact.

    Edges may be `smooth` only where nobody said what the values mean.
    """
    if _scaled(frames):
        return np.unique(np.rint(pool.codes), axis=0), "values lie beside whole numbers, as a header scales them"
    modes = modes_of(pool)
    if modes:
        return np.array(sorted(modes)), "values scatter as after JPEG"
    edges = edges_of(pool)
    if not smooth or not edges.any() or np.isin(pool.codes, range(FEW + 1)).all():
        return pool.codes, ""
    shown = [_shown(code) for code in pool.codes[edges]]
    listed = ", ".join([*shown[:3], *(["…"] if len(shown) > 4 else []), *shown[3:][-1:]])
    return pool.codes[~edges], f"the values {listed} {EDGES}"


def _scaled(frames: Sequence[Census]) -> bool:
    """Whether values lie off whole numbers, but so near that in every frame each belongs to a number of its own."""
    off = 0.0
    for census in frames:
        whole = np.rint(census.codes)
        off = max(off, float(np.abs(census.codes - whole).max()))
        if off > SCALED or len(np.unique(whole, axis=0)) < len(whole):
            return False
    return off > 0


def _mixed_values(seen: _Evidence) -> list[str]:
    """The values of one class that each mask stores in its own way; none where they are the same or class numbers."""
    found = set()
    for census in seen.frames:
        values = np.intersect1d(census.codes[:, 0], seen.codes[:, 0])
        if (values < 0).any() or np.count_nonzero(values) > 1:
            return []
        found |= set(values.tolist()) - {0}
    if seen.carrier == "colour" or seen.zero_set_aside or len(found) < 2 or found <= set(range(FEW + 1)):
        return []
    return [_shown((value,)) for value in sorted(found)]


def _recognised(seen: _Evidence) -> ReadAs:
    """The form that fits the evidence best."""
    if seen.carrier != "colour" and {-1, 0} <= set(seen.codes[:, 0].tolist()):
        others = "objects" if seen.numbered else "codes"
        raise DataError([
            "The masks hold -1 beside 0. If -1 marks what nobody annotated, use --not-annotated -1. If -1 is the "
            f"background, use --read-masks-as {others}."
        ])
    if seen.numbered:
        return "objects"
    if len(seen.codes) > FEW:
        raise DataError([
            f"The masks hold {seen.pool.distinct} different values that neither repeat as classes do "
            f"nor number connected objects. {_how_to_read_many(seen)}"
        ])
    if seen.carrier == "colour":
        return "colours"
    values = seen.codes[:, 0]
    if values.tolist() == ONE_AND_TWO:
        return "codes"
    if np.isin(values, range(FEW + 1)).all() and not seen.zero_set_aside:
        return "objects" if _counts_objects(seen.frames) else "classes"
    if len(values) == 2 and values[0] >= 0 and not seen.zero_set_aside and _is_inverted(seen.frames, values):
        return "inverted"
    return "codes"


def _how_to_read_many(seen: _Evidence) -> str:
    """What to do about values that are too many to be recognised."""
    if any(map(is_grainy, seen.frames)):
        return "They spread as in a photograph: give the masks in its place."
    if seen.carrier == "colour":
        return "Draw each class in one colour, or store class numbers."
    return MANY


def _counts_objects(frames: Sequence[Census]) -> bool:
    """Whether small numbers count up from 1 in every frame, a piece each, now to few and now to many."""
    highest = set()
    for census in frames:
        values = census.codes[census.codes[:, 0] != 0, 0]
        if len(values) != census.pieces or (values != np.arange(1, len(values) + 1)).any():
            return False
        highest.add(len(values))
    return max(highest) > 2 and len(highest - {0}) > 2


def _is_inverted(frames: Sequence[Census], values: np.ndarray) -> bool:
    """Whether the lighter of two values surrounds nearly every frame and fills most of it."""
    mixed = [(census, census.codes[:, 0] > values.mean()) for census in frames if len(census.codes) > 1]
    rims = [census.border[lit].sum() / census.border.sum() for census, lit in mixed]
    surrounded = sum(rim >= 0.97 for rim in rims) >= 0.9 * len(rims)
    filled = sum(census.counts[lit].sum() for census, lit in mixed)
    return surrounded and filled > 0.5 * sum(census.counts.sum() for census, _ in mixed)


def _table(seen: _Evidence, read_as: ReadAs) -> tuple[list[Code], list[int], int | None]:
    """The codes, their class numbers, and the class number of everything else."""
    known: list[Code] = [tuple(code) for code in seen.codes.tolist()]
    if read_as in ("binary", "objects", "inverted"):
        lowest, rest = (1, 0) if read_as == "inverted" else (0, 1)
        if seen.scatter or (read_as == "inverted" and len(known) == 2 and known[0] > seen.code(0)):
            return known, [lowest, *[rest] * (len(known) - 1)], None
        none = [code for code in (seen.code(-1), seen.code(0)) if code in known or code == seen.code(0)]
        return none, [lowest] * len(none), rest
    if len(known) > MOST_CLASSES:
        raise RequestError(
            f"The masks hold {seen.pool.distinct} different values, too many to be read as {read_as}; "
            f"at most {MOST_CLASSES} are possible. Try --read-masks-as objects."
        )
    if read_as == "colours" and seen.carrier != "colour":
        raise RequestError("The masks are grey and cannot be read as colours. Leave out --read-masks-as.")
    if read_as == "classes":
        if seen.carrier == "colour" or not np.isin(seen.codes, range(MOST_CLASSES + 1)).all():
            raise RequestError(
                f"The masks hold {', '.join(map(_shown, known[-5:]))}, which cannot all be class numbers "
                f"(0 to {MOST_CLASSES}). Try --read-masks-as codes."
            )
        known = [(number,) for number in range(int(seen.codes.max()) + 1)]
    elif seen.carrier == "colour":
        first = _background_colour(seen, known)
        known = [*([first] if first else []), *(code for code in reversed(known) if code != first)]
        if first is None:
            return known, list(range(1, len(known) + 1)), None
    elif len(known) == 1 and known[0] > (0,):
        known = [(0,), *known]  # masks that are full everywhere still mark something
    return known, list(range(len(known))), None


def _background_colour(seen: _Evidence, known: Sequence[Code]) -> Code | None:
    """Black, or the colour that fills most of the frames and most of their borders; None where there is no such one."""
    black = seen.code(0)
    if black in known:
        return black
    distance = np.abs(seen.pool.codes[:, None].astype(float) - np.array(known)).max(axis=-1)
    counts, border = (
        np.bincount(distance.argmin(axis=1), pixels, len(known)) for pixels in (seen.pool.counts, seen.pool.border)
    )
    largest = int(counts.argmax())
    return known[largest] if min(2 * counts[largest] / counts.sum(), 2 * border[largest] / border.sum()) > 1 else None


def _foreground_values(census: Census) -> int:
    return census.distinct - sum(int((census.codes == none).all(axis=1).any()) for none in (0, -1))


def _said(read_as: ReadAs, known: Sequence[Code], numbers: Sequence[int], most: int) -> str:
    if read_as == "objects":
        return f"numbered objects (up to {most} in one mask): every object is class 1"
    if read_as == "binary":
        return "0 is background and everything else is class 1"
    if read_as == "inverted":
        dark, light = (_shown(code) for code in known[:2]) if known[0] > (0,) * len(known[0]) else ("0", "white")
        return f"{light} is background and {dark} is class 1 (inverted)"
    if read_as == "classes" and len(known) > 2:
        return f"class numbers 0 to {len(known) - 1}"
    meanings = [
        f"{_shown(code)} is {'background' if number == 0 else f'class {number}'}"
        for code, number in zip(known, numbers, strict=True)
    ]
    listed = meanings[0] if len(meanings) == 1 else ", ".join(meanings[:-1]) + f" and {meanings[-1]}"
    if read_as == "colours":
        return f"colours: {listed}"
    return listed if len(known) < 3 else f"{len(known)} grey codes: {listed}"


def _doubt(seen: _Evidence, read_as: ReadAs) -> str:
    """What else the masks could mean."""
    values = seen.codes[:, 0]
    if EDGES in seen.scatter and read_as in ("codes", "colours"):
        return f"If values along edges are classes of their own, use --read-masks-as {read_as}."
    known: list[Code] = [tuple(code) for code in seen.codes.tolist()]
    if read_as == "colours" and seen.code(0) not in known:
        first = _background_colour(seen, known)
        said = f"{_shown(first)} surrounds the others and is read as background" if first else "all colours are classes"
        return f"No mask holds black, and {said}. If that is wrong, paint the background black."
    if read_as == "inverted":
        if values[0] > 0:
            return f"If {_shown(seen.codes[1])} is what you study, use --read-masks-as codes."
        return "If white is what you study, use --read-masks-as binary."
    if read_as == "codes" and len(values) > 2 and values[-1] == 255 and (values[:-1] <= FEW).all():
        if any(np.isin(c.codes, (0, 255)).all() and 255 in c.codes for c in seen.frames):
            return ("255 is read as one more class, and is the only one in some masks. If it means the same as "
                    "another, store both as one value.")
        return "255 is read as one more class. If it marks what nobody annotated, use --not-annotated 255."
    if read_as == "codes" and values.tolist() == ONE_AND_TWO and not seen.zero_set_aside:
        return "0 occurs in no mask, and 1 is read as background. If 1 is a class, use --read-masks-as classes."
    if read_as == "classes" and values[0] > 0:
        return f"0 occurs in no mask. If {_shown(values[:1])} is the background, use --read-masks-as codes."
    if read_as == "classes" and len(values) > 3 and all(c.pieces == (c.codes > 0).sum() for c in seen.frames):
        return "Every number is one connected piece. If they number objects, use --read-masks-as objects."
    return ""


def _shown(code: Sequence[float] | np.ndarray) -> str:
    numbers = tuple(int(value) if value == int(value) else round(float(value), 4) for value in code)
    if len(numbers) == 1:
        return str(numbers[0])
    near = (name for colour, name in COLOUR_NAMES.items() if np.abs(np.subtract(colour, numbers)).max() < 8)
    return f"{next(near, '')} {numbers}".strip()
