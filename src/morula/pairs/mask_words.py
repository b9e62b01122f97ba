"""How masks are read, in a sentence; what else they could mean; and what to do where that is not clear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.pairs.census import FEW, is_grainy
from morula.pairs.evidence import EDGES, Evidence
from morula.pairs.masks import Code, ReadAs, shown

MIXED = "If these values are classes of their own, use --read-masks-as codes."
MANY = "If the values number objects, use --read-masks-as objects; if each is a class, --read-masks-as codes."
AS_OBJECTS = "If they number objects, use --read-masks-as objects."
ONE_AND_TWO = [1, 2]  # what programs write that number from 1 all that can be drawn, background among it


def said(read_as: ReadAs, known: Sequence[Code], numbers: Sequence[int], most: int) -> str:
    """What the values mean; `most` is the largest number of values in a mask."""
    if read_as == "objects":
        return f"numbered objects (up to {most} in one mask): every object is class 1"
    if read_as == "binary":
        return "0 is background and everything else is class 1"
    if read_as == "inverted":
        dark, light = (shown(code) for code in known[:2]) if known[0] > (0,) * len(known[0]) else ("0", "white")
        return f"{light} is background and {dark} is class 1 (inverted)"
    if read_as == "classes" and len(known) > 2:
        return f"class numbers 0 to {len(known) - 1}"
    meanings = [
        f"{shown(code)} is {'background' if number == 0 else f'class {number}'}"
        for code, number in zip(known, numbers, strict=True)
    ]
    listed = meanings[0] if len(meanings) == 1 else ", ".join(meanings[:-1]) + f" and {meanings[-1]}"
    if read_as == "colours":
        return f"colours: {listed}"
    return listed if len(known) < 3 else f"{len(known)} grey codes: {listed}"


def doubt(seen: Evidence, read_as: ReadAs) -> str:
    """What else the masks could mean."""
    values = seen.codes[:, 0]
    if EDGES in seen.scatter and read_as in ("codes", "colours"):
        return f"If values along edges are classes of their own, use --read-masks-as {read_as}."
    known: list[Code] = [tuple(code) for code in seen.codes.tolist()]
    if read_as == "colours" and seen.code(0) not in known:
        first = seen.background_colour()
        said = f"{shown(first)} surrounds the others and is read as background" if first else "all colours are classes"
        return f"No mask holds black, and {said}. If that is wrong, paint the background black."
    if read_as == "inverted":
        if values[0] > 0:
            return f"If {shown(seen.codes[1])} is what you study, use --read-masks-as codes."
        return "If white is what you study, use --read-masks-as binary."
    if read_as == "codes" and len(values) > 2 and values[-1] == 255 and (values[:-1] <= FEW).all():
        if any(np.isin(c.codes, (0, 255)).all() and 255 in c.codes for c in seen.frames):
            return ("255 is read as one more class, and is the only one in some masks. If it means the same as "
                    "another, store both as one value.")
        return "255 is read as one more class. If it marks what nobody annotated, use --not-annotated 255."
    if read_as == "codes" and values.tolist() == ONE_AND_TWO and not seen.zero_set_aside:
        return "0 occurs in no mask, and 1 is read as background. If 1 is a class, use --read-masks-as classes."
    if read_as == "classes" and values[0] > 0:
        return f"0 occurs in no mask. If {shown(values[:1])} is the background, use --read-masks-as codes."
    if read_as == "classes" and len(values) > 3 and all(c.pieces == (c.codes > 0).sum() for c in seen.frames):
        return f"Every number is one connected piece. {AS_OBJECTS}"
    return ""


def how_to_read_many(seen: Evidence) -> str:
    """What to do about values that are too many to be recognised."""
    if any(map(is_grainy, seen.frames)):
        return "They spread as in a photograph: give the masks in its place."
    if seen.carrier == "colour":
        return "Draw each class in one colour, or store class numbers."
    return MANY
