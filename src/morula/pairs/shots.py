"""Which mask belongs to which image where the channels of an image may lie in several files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from morula.names.endings import ending, plain_stem
from morula.names.lights import Joined, joined, numbered, without_number
from morula.names.table import Name
from morula.pairs.pairing import Matching, pair_files


def pair_shots(
    images: Sequence[Path], masks: Sequence[Path], names: Mapping[Path, Name]
) -> tuple[Matching, Joined]:
    """Match images with masks; files of one image stand under the first of them.

    The mask may be called like the image without its channel, or like any of its files. Where several files of an image
    have masks of their own, each is an image by itself. Files that are numbered `_0000`, `_0001` and so on are one
    image where masks are called so without the number, as nnU-Net wants it.

    Args:
        images: their files.
        masks: the masks.
        names: what the names of the images say, read together.
    """
    alone, shots = pair_files(images, masks), joined(names)
    if not shots:
        return _numbered(images, masks, alone)
    first = {file: lead for lead, files in shots.items() for file in files.values()}
    leads = [first[image] for image, _ in alone.pairs]
    if len(set(leads)) < len(leads):
        return alone, {}
    called = {lead.with_name(names[lead].without("channel").rpartition("/")[2] + ending(lead)): lead for lead in shots}
    by_shot = pair_files(list(called), masks)
    if len(by_shot.pairs) > len(leads):
        pairs = tuple((called[image], mask) for image, mask in by_shot.pairs)
        without = tuple(called[image] for image in by_shot.images_without_mask)
        return replace(by_shot, pairs=pairs, images_without_mask=without), shots
    pairs = tuple((first[image], mask) for image, mask in alone.pairs)
    paired = {image for image, _ in pairs}
    without = tuple(lead for lead in shots if lead not in paired)
    return replace(alone, pairs=pairs, images_without_mask=without), shots


def _numbered(images: Sequence[Path], masks: Sequence[Path], alone: Matching) -> tuple[Matching, Joined]:
    """Images whose channels are numbered files, if their masks say that they are; else what fits each file alone."""
    shots = numbered(images)
    called = {whole: lead for lead in shots if (whole := without_number(lead))}
    by_shot = pair_files(list(called), masks)
    pairs = tuple((called[image], mask) for image, mask in by_shot.pairs if plain_stem(image) == plain_stem(mask))
    if len(pairs) <= len(alone.pairs) or len(pairs) < len(by_shot.pairs):
        return alone, {}
    without = tuple(called[image] for image in by_shot.images_without_mask)
    return replace(by_shot, pairs=pairs, images_without_mask=without), shots
