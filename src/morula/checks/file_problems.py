"""What can be wrong with names, and with files that show the same: one function for each subject.

None opens a file; copies are compared by what was read already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from morula.checks.duplicates import Duplicate
from morula.checks.findings import Finding
from morula.checks.kinship import find_kinship
from morula.checks.looks import Look
from morula.names.endings import called, home, last_number, zarr_of
from morula.names.told import EXAMPLE, suggested
from morula.pairs.masks import MaskReading
from morula.pairs.pairing import BYPRODUCT_ADVICE, Matching, channel_advice, numbered_advice
from morula.pairs.split import Split
from morula.plurals import many
from morula.whereabouts import as_path

TWO_OUTLINES = 0.95  # share of pixels on which two people agree about one picture


def of_names(
    matching: Matching, images: Sequence[Path], masks: Sequence[Path], *, alone: bool = False
) -> Iterator[Finding]:
    """Files that could not be paired; `alone` where one folder was given for all."""
    numbered = "" if matching.pairs else numbered_advice(images, masks)
    if not matching.pairs and set(images) == set(masks):
        folders = sorted({str(home(image)) for image in images})
        problem = ("by its name, no file here is the mask of another" if alone
                   else "this folder was given for the images and for the masks alike" if len(folders) == 1
                   else "the same files were given as images and as masks")
        advice = ("Give the folder of the images first, and then that of their masks; where both lie in one folder, "
                  "the name of a mask needs a word such as mask (a_mask.tif).")
        advice = numbered or advice
        yield Finding("error", ", ".join(folders), problem, advice)
        yield from _of_files_aside(matching)
        return
    if not matching.pairs and not matching.ambiguous:
        advice = "Give each mask the name of its image (a.tif, a.png), or that and a word such as mask (a_mask.tif)."
        yield Finding("error", "", "no image and mask belong together by their names", numbered or advice)
    for files in matching.ambiguous:
        advice = channel_advice(files) or "Rename them or move some away, so that each image has one mask."
        yield Finding("error", ", ".join(map(str, files)), "their names fit in more than one way", advice)
    for mask in () if numbered else matching.masks_without_image:
        advice = "Add the image, mend the name, or move the mask away."
        yield Finding("error", str(mask), "the mask has no image", advice)
    yield from _of_files_aside(matching)
    if matching.pairs and matching.images_without_mask:
        unmasked = matching.images_without_mask
        count = many(len(unmasked), "image")
        yield Finding("note", "", f"{count} without a mask, such as {called(unmasked[0])}: not looked at")


def _of_files_aside(matching: Matching) -> Iterator[Finding]:
    if matching.set_aside:
        count = many(len(matching.set_aside), "file")
        yield Finding("note", "", f"{count} set aside, such as {matching.set_aside[0].name}", BYPRODUCT_ADVICE)


def of_other_files(sources: Iterable[object], found: set[Path]) -> Iterator[Finding]:
    """Files in folders that were not taken for images."""
    named = [as_path(source) for source in sources if isinstance(source, str | Path)]
    for folder in dict.fromkeys(path for path in named if path.is_dir() and not zarr_of(path)):
        others = [file for file in folder.iterdir() if file.is_file() and file not in found]
        names = sorted(file.name for file in others if not file.name.startswith("."))
        of_cellpose = [name for name in names if name.endswith("_seg.npy")]
        if of_cellpose:
            count = many(len(of_cellpose), "file")
            problem = f"{count} of Cellpose's own kind passed over, such as {of_cellpose[0]}, for such may run programs"
            advice = "Masks are read from what Cellpose writes with File, Save masks as PNG/tif."
            yield Finding("note", str(folder), problem, advice)
        names = [name for name in names if name not in of_cellpose]
        if names:
            count = many(len(names), "file")
            yield Finding("note", str(folder), f"{count} of other kinds passed over, such as {names[0]}")


def of_kinship(looks: Sequence[Look], split: Split) -> Iterator[Finding]:
    """Neighbours that may lie on both sides of the split, whatever their names say."""
    if split.in_a_row:
        return
    for ordered in (looks, sorted(looks, key=_by_what_stands_around_the_number)):
        frames = [(look, thumbnail) for look in ordered for thumbnail in look.thumbnails]
        found = find_kinship([thumbnail for _, thumbnail in frames], [look.pair.group for look, _ in frames])
        if found:
            break
    else:
        return
    first, second = (frames[place][0].pair.image.name for place in (found.first, found.second))
    problem = (f"images that follow one another by name, such as {first} and {second}, are far more alike than others "
               f"(correlation {found.neighbours:.2f}; others {found.others:.2f}), and yet in groups of their own, so "
               "that moments or slices of one thing may both train and validate")
    suggestion = suggested(first, second, [look.pair.image.name for look in looks])
    advice = (f"Say with --names what the names tell, as in '{suggestion or EXAMPLE}', or with --groups what belongs "
              "together.")
    yield Finding("warning", "", problem, advice, "names", suggestion=suggestion or "")


def _by_what_stands_around_the_number(look: Look) -> tuple[str, str, str, int]:
    """A sorting key that puts `1 wt` before `2 wt`, and both before `1 mutant` or behind it."""
    image = look.pair.image
    before, number, after = last_number(image.name)
    return str(home(image.path)) if image.path else "", before, after, number


def of_copies(looks: Sequence[Look], duplicates: Iterable[Duplicate], reading: MaskReading) -> Iterator[Finding]:
    """Images that show the picture of another. Two outlines of one picture that nearly agree may stay."""
    for each in duplicates:
        other, look = looks[each.first], looks[each.second]
        if look.photographed or other.photographed:
            continue
        if not each.exact:
            yield _of_altered_copy(other, look, each)
            continue
        agreement = float(np.mean([
            np.mean(reading.class_numbers(ours) == reading.class_numbers(theirs))
            for ours, theirs in zip(look.pair.mask, other.pair.mask, strict=True)
        ]))
        problem = f"the same picture as {other.image_file}"
        if agreement == 1:
            advice = "Keep one of them."
            yield Finding("error", look.image_file, f"{problem}, with the same mask", advice, "copy")
        elif agreement < TWO_OUTLINES:
            advice = "Keep the one with the true mask."
            yield Finding("error", look.image_file, f"{problem}, with a mask that differs", advice, "copy")
        else:
            advice = "Both are kept, in one group; better keep the truer one."
            yield Finding("warning", look.image_file, f"{problem}, outlined a second time", advice, "copy")


def _of_altered_copy(other: Look, look: Look, found: Duplicate) -> Finding:
    several = max(other.pair.image.frames, look.pair.image.frames) > 1
    one, its = ("a frame ", f"one of {other.image_file}") if several else ("", other.image_file)
    if found.explained:
        change = found.change or "in brightness, contrast or compression"
        problem = f"{one}{'is ' if several else ''}the same as {its}, but {change}"
    else:
        problem = ", ".join(filter(None, (f"{one}looks almost the same as {its}", found.change)))
    if look.pair.group == other.pair.group:
        return Finding("note", look.image_file, problem, "Both are kept, in one group.")
    advice = "They are in two groups, as told by --groups, so that a score may flatter: better give them one."
    return Finding("warning", look.image_file, problem, advice)
