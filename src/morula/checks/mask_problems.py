"""What can be wrong with masks, and with each beside its image: one function for each subject.

All judge by the facts of `looks`; none opens a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from morula.checks.findings import Finding
from morula.checks.image_problems import ENOUGH_TO_COMPARE
from morula.checks.left_out import LeftOut
from morula.checks.looks import Look, unfinished
from morula.names.endings import ending
from morula.pairs.census import is_grainy
from morula.pairs.mask_words import MANY
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.plurals import many

UNTOUCHED = "nothing is annotated in the mask"
NEARLY_EMPTY = 0.001  # share of pixels that are in any class
TAGGED = {".tif", ".tiff", ".jpg", ".jpeg"}  # files that can say how they lie
RARE = 0.02  # share of masks that show a class
ELSEWHERE = 0.25  # voxels
NAMED = 20  # frames


def of_places(looks: Sequence[Look]) -> Iterator[Finding]:
    """Masks that lie elsewhere than their images, as the files of both say."""
    for look in looks:
        if look.away > ELSEWHERE:
            problem = f"the mask lies up to {look.away:.3g} voxels away from its image, by what both files say"
            advice = "If it was drawn on this image, give it the affine of the image; if not, resample it to the image."
            yield Finding("warning", look.mask_file, problem, advice, "redraw")


def of_orientations(looks: Sequence[Look]) -> Iterator[Finding]:
    """Images and masks of which only one says that it lies turned: many programs pass such a tag over."""
    for look in looks:
        image, mask = look.pair.image.orientation, look.pair.mask.orientation
        if image != mask and None not in (image, mask):
            problem = f"image and mask lie differently in their files (orientation {image} and {mask}), and were turned"
            advice = "Look whether the mask lies on its image; if not, save the image anew and without this tag."
            could_say = ending(Path(look.mask_file)) in TAGGED  # what has no such tag says nothing else
            yield Finding("warning" if could_say else "note", look.mask_file, f"{problem} upright", advice, "redraw")


def of_unfinished(looks: Sequence[Look]) -> Iterator[Finding]:
    """Images and masks that hold less than they name."""
    for look in looks:
        yield from unfinished(look.pair.image)
        yield from unfinished(look.pair.mask)


def of_overlaps(looks: Sequence[Look]) -> Iterator[Finding]:
    """Masks with a file for each object, where objects lie on each other."""
    for look in looks:
        if look.pair.mask.overlapping:
            problem = f"{many(look.pair.mask.overlapping, 'pixel')} of the mask belong to several of its objects"
            advice = "Each was given to the first of them, in the order of their files."
            yield Finding("warning", look.mask_file, problem, advice)


def of_photographs(looks: Sequence[Look]) -> Iterator[Finding]:
    """Masks that are photographs: one error where the folders are swapped, else one for each."""
    if are_swapped(looks):
        problem = "the images look like masks, and the masks like photographs"
        yield Finding("error", "", problem, "Swap the two: images come first, then masks.")
        return
    for look in looks:
        if look.photographed:
            advice = "Put the mask in its place."
            if not any(map(is_grainy, look.censuses)):
                advice = f"{advice} {MANY}"
            yield Finding("error", look.mask_file, "the mask is a photograph: its values spread", advice, "redraw")


def are_swapped(looks: Sequence[Look]) -> bool:
    """Whether most masks are photographs and most images are not."""
    photographs, flat = sum(look.photographed for look in looks), sum(look.few_values for look in looks)
    return 2 * min(photographs, flat) > len(looks)


def of_classes(
    looks: Sequence[Look], reading: MaskReading, counts: np.ndarray, names: Sequence[str]
) -> Iterator[Finding]:
    """Classes and masks with little in them; `counts` are pixels, shape `(all frames, classes + 1)`."""
    if reading.doubt:
        problem = f"the masks, read as '{reading.sentence}', could mean something else"
        yield Finding("warning", "", problem, reading.doubt)
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        lacks = "Annotate background, too" if counts[:, 1:].any() else "Outline what is to be found"
        advice = f"{lacks}, or say with --read-masks-as what the values mean."
        yield Finding("error", "", f"the masks are all one class (read as: {reading.sentence})", advice, "annotate")
        return
    masks = [(look.mask_file, frame) for look in looks for frame in range(len(look.censuses))]
    for name, inside in zip(names, (counts[:, 1:] > 0).T, strict=True):
        shown = int(inside.sum())
        if shown <= RARE * len(counts) or (shown == 1 and len(counts) >= ENOUGH_TO_COMPARE):
            first = masks[int(inside.argmax())][0] if shown else ""
            problem = f"{name} occurs in {shown} of {len(counts)} masks"
            advice = "It will hardly be learnt; outline more of it, or mend the mask, if it should not be there."
            yield Finding("warning", first, problem, advice, "annotate")
    shares = counts[:, 1:].sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
    for (file, frame), annotated, share in zip(masks, counts.sum(axis=1) > 0, shares, strict=True):
        if not annotated:
            problem, advice = UNTOUCHED, "Annotate some of it, or leave it out."
        elif share == 0:
            problem, advice = "the mask is empty", "Check that nothing is to be found there."
        elif share < NEARLY_EMPTY:
            problem = f"the mask is nearly empty ({share:.3%} in any class)"
            advice = "Check that nothing is missing from it."
        else:
            continue
        yield Finding("warning", file, problem, advice, "annotate", frame)


def of_left_out(looks: Sequence[Look], left_out: LeftOut, known: bool) -> Iterator[Finding]:
    """Masks that leave objects out; `known` says that they are read so."""
    names = complete_frames(looks, left_out)
    if known and not names:
        problem = "no mask outlines all objects, so that nothing shows the background far from them"
        advice = "Outline all objects of one image at least, better of some."
        yield Finding("warning", "", problem, advice, "annotate")
    if known or not left_out.certain.any():
        return
    few, most = (left_out.objects[which] for which in (left_out.certain, left_out.complete))
    problem = (f"{len(few)} of {len(left_out.objects)} masks outline {_from_to(few)} and leave out others that look "
               f"the same, while {_from_to(most)} are outlined where none is left out: {names}")
    advice = ("What is left out would be learned as background, and the scores would not show it. Give only the "
              "complete masks, outline the rest, or say --partly-annotated: then, in the others, all but the objects "
              "and a rim around them does not count.")
    yield Finding("warning", "", problem, advice, "annotate")


def complete_frames(looks: Sequence[Look], left_out: LeftOut) -> str:
    """The names of the frames whose masks leave no object out, of many the first."""
    frames = [Frame(look.pair, index) for look in looks for index in range(len(look.censuses))]
    names = [frame.name for frame, complete in zip(frames, left_out.complete, strict=True) if complete]
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def _from_to(counts: np.ndarray) -> str:
    few, most = int(counts.min()), int(counts.max())
    return many(most, "object") if few == most else f"{few} to {many(most, 'object')}"
