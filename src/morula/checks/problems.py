"""What can be wrong with a set of images and masks, one function for each subject.

All judge by names or by the facts of `looks`; none opens a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from morula.checks.duplicates import Duplicate
from morula.checks.findings import Finding
from morula.checks.kinship import find_kinship
from morula.checks.left_out import LeftOut
from morula.checks.looks import Look, size_in_words, unfinished
from morula.images.channels import match_channels
from morula.names.endings import called, ending, home, last_number, zarr_of
from morula.names.told import EXAMPLE, suggested
from morula.pairs.census import is_grainy
from morula.pairs.mask_words import MANY
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.pairing import BYPRODUCT_ADVICE, Matching, channel_advice, numbered_advice
from morula.pairs.split import Split
from morula.plurals import many
from morula.whereabouts import as_path

UNTOUCHED = "nothing is annotated in the mask"
NEARLY_EMPTY = 0.001  # share of pixels that are in any class
TWO_OUTLINES = 0.95  # share of pixels on which two people agree about one picture
TAGGED = {".tif", ".tiff", ".jpg", ".jpeg"}  # files that can say how they lie
RARE = 0.02  # share of masks that show a class
MUCH_BRIGHTER = 8  # robust standard deviations above the median
ELSEWHERE = 0.25  # voxels
ENOUGH_TO_COMPARE = 6  # images
NAMED = 20  # frames
ONE_SCALE = 100  # times as bright as the darkest may the brightest images be, a few left aside, to be compared at all


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


def usual_channels(looks: Sequence[Look]) -> tuple[str, ...]:
    """The channels that most images have."""
    return _most_common(look.pair.image.channels for look in looks) or ()


def of_channels(looks: Sequence[Look]) -> Iterator[Finding]:
    """Images whose channels are not those of most, and those where it takes a second look to see that they are."""
    usual = usual_channels(looks)
    for look in looks:
        channels = look.pair.image.channels
        match = match_channels(channels, usual)
        if match and match.sentence:
            severity = "note" if match.sure else "warning"
            yield Finding(severity, look.image_file, match.sentence, "If that is wrong, name them with --channels.")
        elif match is None and len(channels) != len(usual):
            problem = f"the image has {many(len(channels), 'channel')}, and most others have {len(usual)}"
            advice = "Save all images with the same channels, or choose those to learn from with --use-channels."
            yield Finding("error", look.image_file, problem, advice)
        elif match is None:
            problem = f"the image has the channels {', '.join(channels)}, and most others {', '.join(usual)}"
            advice = "Save all images with the same channels, or name them alike with --channels."
            yield Finding("error", look.image_file, problem, advice)


def of_axes(looks: Sequence[Look]) -> Iterator[Finding]:
    """Pictures among volumes, or volumes among pictures."""
    kinds = {2: "a picture", 3: "a volume"}
    usual = _most_common(len(look.pair.image.space) for look in looks)
    for look in looks:
        space = look.pair.image.space
        if len(space) != usual and usual is not None:
            problem = f"the image is {kinds[len(space)]} ({size_in_words(space)}), and most others are not"
            advice = (
                "A model learns from pictures or from volumes: leave these out, or say with --axes what the axes of "
                "all files are, such as ZYX for slices of a volume or TYX for moments in time."
            )
            yield Finding("error", look.image_file, problem, advice)


def of_told_axes(looks: Sequence[Look], axes: str | None) -> Iterator[Finding]:
    """Axes that were told and that no image has."""
    if axes and looks and all(len(look.pair.image.stored_axes) == 2 < len(axes) for look in looks):
        problem = f"--axes {axes} names {len(axes)} axes, and all images are single planes: it changes nothing"
        yield Finding("warning", "", problem, "Leave it out, or look whether these are the right files.")


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


def of_units(looks: Sequence[Look]) -> Iterator[Finding]:
    """Images whose pixel size is unknown because they measure in a unit that is."""
    for look in looks:
        if look.pair.image.strange_unit:
            problem = f"the image measures in {look.pair.image.strange_unit!r}, which is no unit of length known here"
            yield Finding("warning", look.image_file, problem, "Say how large a pixel is with --pixel-size, in µm.",
                          "pixel size")


def of_brightness(looks: Sequence[Look]) -> Iterator[Finding]:
    """Images much brighter than the rest."""
    if looks and not have_one_scale(looks):
        means = [look.mean for look in looks if look.mean > 0]
        problem = f"the images have no common scale: the brightest is {max(means) / min(means):,.0f} times the darkest"
        yield Finding("note", "", problem, "Nothing need be done: each frame is scaled by itself.")
        return
    median = np.median([look.mean for look in looks]) if looks else 0
    for look in much_brighter(looks):
        problem = f"the image is much brighter than the rest (mean {look.mean:.4g}, median {median:.4g})"
        yield Finding("warning", look.image_file, problem, "Check that it was taken as the others were.")


def much_brighter(looks: Sequence[Look]) -> list[Look]:
    """The images whose mean lies far above all others, by the median absolute deviation of the means."""
    means = np.array([look.mean for look in looks])
    if len(means) < ENOUGH_TO_COMPARE or not have_one_scale(looks):
        return []
    median = np.median(means)
    deviation = max(1.4826 * np.median(np.abs(means - median)), 0.05 * abs(median))
    return [look for look in looks if look.mean > median + MUCH_BRIGHTER * deviation]


def have_one_scale(looks: Sequence[Look]) -> bool:
    """Whether numbers mean the same in all images; those of magnetic resonance, for instance, have no unit."""
    means = [look.mean for look in looks if look.mean > 0]
    if len(means) < ENOUGH_TO_COMPARE:
        return True
    darkest, brightest = np.percentile(means, (5, 95))
    return bool(brightest <= ONE_SCALE * darkest)


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


Kind = TypeVar("Kind", bound=Hashable)


def _most_common(values: Iterable[Kind]) -> Kind | None:
    """The first of the most common."""
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else None
