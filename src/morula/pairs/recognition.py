"""What the values in a set of masks mean: recognised by what they hold, or as a person says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.errors import DataError, RequestError
from morula.images.image import Image
from morula.pairs.census import FEW, Census, censuses_of, is_photograph
from morula.pairs.evidence import Evidence
from morula.pairs.mask_words import MIXED, ONE_AND_TWO, doubt, how_to_read_many, said
from morula.pairs.masks import NOT_ANNOTATED, Code, MaskReading, ReadAs, shown

MOST_CLASSES = 254


def recognise(
    masks: Sequence[Image], *, read_as: ReadAs = "auto", not_annotated: int | None = None
) -> MaskReading:
    """One reading for a set of masks, after a look at all of them.

    Raises:
        DataError: the masks cannot be understood, such as photographs; each is named.
        RequestError: the masks do not fit `read_as`.
        FileError: a mask cannot be read.
    """
    censuses = [censuses_of(mask) for mask in masks]
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
    seen = Evidence.of(censuses, not_annotated, smooth=read_as == "auto")
    mixed = _mixed_values(seen) if read_as == "auto" else []
    if read_as == "auto":
        read_as = "binary" if mixed else _recognised(seen)
    known, numbers, others = _table(seen, read_as)
    sentence = [said(read_as, known, numbers, max(map(_foreground_values, seen.frames)))]
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
        doubt=MIXED if mixed else doubt(seen, read_as),
    )


def _mixed_values(seen: Evidence) -> list[str]:
    """The values of one class that each mask stores in its own way; none where they are the same or class numbers."""
    found = set()
    for census in seen.frames:
        values = np.intersect1d(census.codes[:, 0], seen.codes[:, 0])
        if (values < 0).any() or np.count_nonzero(values) > 1:
            return []
        found |= set(values.tolist()) - {0}
    if seen.carrier == "colour" or seen.zero_set_aside or len(found) < 2 or found <= set(range(FEW + 1)):
        return []
    return [shown((value,)) for value in sorted(found)]


def _recognised(seen: Evidence) -> ReadAs:
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
            f"nor number connected objects. {how_to_read_many(seen)}"
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


def _table(seen: Evidence, read_as: ReadAs) -> tuple[list[Code], list[int], int | None]:
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
                f"The masks hold {', '.join(map(shown, known[-5:]))}, which cannot all be class numbers "
                f"(0 to {MOST_CLASSES}). Try --read-masks-as codes."
            )
        known = [(number,) for number in range(int(seen.codes.max()) + 1)]
    elif seen.carrier == "colour":
        first = seen.background_colour()
        known = [*([first] if first else []), *(code for code in reversed(known) if code != first)]
        if first is None:
            return known, list(range(1, len(known) + 1)), None
    elif len(known) == 1 and known[0] > (0,):
        known = [(0,), *known]  # masks that are full everywhere still mark something
    return known, list(range(len(known))), None


def _foreground_values(census: Census) -> int:
    return census.distinct - sum(int((census.codes == none).all(axis=1).any()) for none in (0, -1))
