"""What can be wrong with images beside one another: one function for each subject.

All judge by the facts of `looks`; none opens a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from morula.checks.findings import Finding
from morula.checks.looks import Look, size_in_words
from morula.images.channels import match_channels
from morula.plurals import many

MUCH_BRIGHTER = 8  # robust standard deviations above the median
ENOUGH_TO_COMPARE = 6  # images
ONE_SCALE = 100  # times as bright as the darkest may the brightest images be, a few left aside, to be compared at all


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


Kind = TypeVar("Kind", bound=Hashable)


def _most_common(values: Iterable[Kind]) -> Kind | None:
    """The first of the most common."""
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else None
