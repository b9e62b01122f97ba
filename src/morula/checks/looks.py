"""What a pair of files leaves behind once it was read: small facts to judge it by."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from morula.checks.findings import Finding
from morula.checks.flattened import Flattening
from morula.checks.kinship import thumbnail_of
from morula.checks.landmarks import NO_LANDMARKS, Landmarks, landmarks_of
from morula.errors import FileError
from morula.exchange.collection import Annotations
from morula.images.banded import rows_of
from morula.images.channels import choose_channels, match_channels
from morula.images.image import Image
from morula.images.read import open_alike, open_image, open_joined, without_alpha
from morula.names.endings import NIFTI_ENDINGS, ending
from morula.names.groups import Membership, Rule, membership
from morula.names.table import Name
from morula.pairs.census import FEW, Census, censuses_of, is_photograph
from morula.pairs.pair import Pair
from morula.plurals import many


@dataclass(frozen=True)
class Look:
    """The facts about a pair, as far as its files could be read.

    Attributes:
        pair: the image and its mask.
        rule: why the pair is in its group.
        stored_channels: all channels that the file of the image holds; it may be used with fewer.
        mean: the mean of all pixels of the image.
        few_values: the image has as few values as masks have.
        digest: equal for images with the same pixels.
        landmarks: those of each frame of the image, by which altered copies are known.
        thumbnails: the finer structure of each frame, by which neighbours in a movie are known.
        censuses: what each frame of the mask holds.
        photographed: the mask's values spread as in a photograph.
        away: voxels by which the mask lies away from its image, where both files say where they lie.
    """

    pair: Pair
    rule: Rule
    stored_channels: tuple[str, ...]
    mean: float
    few_values: bool
    digest: bytes
    landmarks: tuple[Landmarks, ...]
    thumbnails: tuple[np.ndarray, ...]
    censuses: tuple[Census, ...]
    photographed: bool
    away: float = 0.0

    @property
    def image_file(self) -> str:
        return str(self.pair.image.path)

    @property
    def mask_file(self) -> str:
        return str(self.pair.mask.path)


@dataclass(frozen=True)
class _ImageFacts:
    mean: float
    few_values: bool
    digest: bytes
    landmarks: tuple[Landmarks, ...]
    thumbnails: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, image: Image) -> _ImageFacts:
        digest = hashlib.blake2b(repr((image.space, image.dtype.str)).encode(), digest_size=16)
        means, values, landmarks, thumbnails = [], set(), [], []
        for index in range(image.frames):
            total, flattening, rows = 0.0, Flattening(image.space), rows_of(image, index)
            for band in flattening.bands:
                part = rows(band)
                total += part.sum(dtype=float)
                if index == 0 and len(values) <= FEW:
                    values |= {*np.unique(part)[: FEW + 1].tolist()}
                digest.update(np.ascontiguousarray(part).data)
                if np.isfinite(total):
                    flattening.add(part)
            means.append(total / math.prod((len(image.channels), *image.space)))
            plane = flattening.plane if np.isfinite(total) else None
            landmarks.append(NO_LANDMARKS if plane is None else landmarks_of(plane))
            if plane is not None:
                thumbnails.append(thumbnail_of(plane))
        few_values = len(values) <= FEW
        return cls(float(np.mean(means)), few_values, digest.digest(), tuple(landmarks), tuple(thumbnails))


def look_at(
    image_path: Path,
    mask_path: Path,
    *,
    member: Membership | None = None,
    name: Name | None = None,
    files: Mapping[str, Path] | None = None,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
    channels: Sequence[str] | None = None,
    use_channels: Sequence[str] | None = None,
    drawn: Annotations | None = None,
) -> Look | list[Finding]:
    """Read an image and its mask once, a frame at a time; errors come back where they are no pair.

    Args:
        image_path: the file of the image, or the first of several.
        mask_path: the file of the mask.
        member: the group of the image, where a person told it.
        name: what the name of the image says beside others.
        files: those of all channels, where each has one.
        axes: as for `open_image`, as what follows.
        pixel_size: µm.
        channels: names.
        use_channels: those that are wanted.
        drawn: what holds the mask, if it was drawn in another program.
    """
    findings: list[Finding] = []
    stored = image = facts = mask = None
    censuses: tuple[Census, ...] = ()
    with _noting(image_path, findings):
        if files:
            stored = open_joined(files, axes=axes, pixel_size=pixel_size, channels=channels)
        else:
            stored = open_image(image_path, axes=axes, pixel_size=pixel_size, channels=channels)
    with _noting(mask_path, findings):
        mask = drawn.open(mask_path, stored) if drawn else open_alike(mask_path, stored, axes=axes)
    misfits = _misfits(stored, mask) if stored and mask else []
    if stored and not misfits:  # what cannot be a pair by its headers is not decoded, however large it says that it is
        with _noting(image_path, findings):
            image = choose_channels(stored, use_channels) if use_channels else without_alpha(stored)
            facts = _ImageFacts.of(image)
            if not np.isfinite(facts.mean):
                advice = "Replace them with a number, such as 0, and save the image again."
                findings.append(Finding("error", str(image_path), "the image holds NaN or infinity", advice))
    if mask and not misfits:
        with _noting(mask_path, findings):
            censuses = censuses_of(mask)
    findings += misfits
    if findings or not stored or not image or not facts or not mask:
        return [*(finding for each in (stored, mask) if each for finding in unfinished(each)), *findings]
    member = member or membership(image_path, image.frames, name)
    photographed = any(map(is_photograph, censuses))
    pair = Pair(image, mask, member.group)
    return Look(pair, member.rule, stored.channels, facts.mean, facts.few_values, facts.digest, facts.landmarks,
                facts.thumbnails, censuses, photographed, _away(image_path, mask_path))


def with_usual_channels(looks: Sequence[Look], usual: Sequence[str]) -> list[Look]:
    """The same looks, with the channels of each image in the usual order, as far as it has them."""
    return [replace(look, pair=replace(look.pair, image=_with_channels(look.pair.image, usual))) for look in looks]


def _with_channels(image: Image, usual: Sequence[str]) -> Image:
    match = match_channels(image.channels, usual)
    return image.take_channels(match.places, usual) if match and image.channels != tuple(usual) else image


def size_in_words(space: Sequence[int]) -> str:
    """`512 × 640 px`, in the order of the axes."""
    return " × ".join(map(str, space)) + (" px" if len(space) < 3 else " voxels")


def _misfits(image: Image, mask: Image) -> list[Finding]:
    """What keeps a mask from lying on its image."""
    file = str(mask.path)
    if image.space != mask.space:
        problem = f"the mask has {size_in_words(mask.space)}, and its image {size_in_words(image.space)}"
        return [Finding("error", file, problem, "Export the mask at the size of its image.")]
    if image.frames != mask.frames:
        problem = f"the mask has {many(mask.frames, 'frame')}, and its image {image.frames}"
        advice = "Give each frame a mask, or name the axes with --axes."
        if mask.frames == 1 and image.stored_axes and "C" not in image.stored_axes:
            as_channels = image.stored_axes.replace("T", "C")
            advice = (f"Give each frame a mask. Or if these {image.frames} are channels, such as the sequences of a "
                      f"magnetic resonance image, say --axes {as_channels}.")
        return [Finding("error", file, problem, advice)]
    count = len(mask.channels)
    if count > 4 or (count in (2, 4) and mask.channels[-1] != "alpha"):
        problem = f"the mask has {count} channels, which are no colours"
        return [Finding("error", file, problem, "Save it as class numbers or colours, or name its axes with --axes.")]
    return []


def unfinished(image: Image) -> list[Finding]:
    """What is missing in a file that was stopped early, or did not fit."""
    told = [said.partition(". ") for said in (image.unfinished, *image.remarks) if said]
    return [Finding("warning", str(image.path), problem, advice) for problem, _, advice in told]


def _away(image: Path, mask: Path) -> float:
    """How far a mask lies from its image; only NIfTI says."""
    if not {ending(image), ending(mask)} <= NIFTI_ENDINGS:
        return 0.0
    from morula.formats.nifti import voxels_apart

    return voxels_apart(image, mask)


@contextmanager
def _noting(path: Path, findings: list[Finding]) -> Iterator[None]:
    """Note what is wrong with a file, and go on."""
    try:
        yield
    except FileError as error:
        findings.append(_unreadable(path, error))


def _unreadable(path: Path, error: FileError) -> Finding:
    words = str(error).removeprefix(f"{path}: ").replace(f"{path} ", "the file ", 1)
    problem, _, advice = words.partition(". ")
    return Finding("error", str(path), problem.rstrip("."), advice)
