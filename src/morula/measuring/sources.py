"""Masks opened to be measured, each with its image and the doubt about it where these are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from morula.errors import FileError, RequestError
from morula.exchange.collection import Annotations
from morula.images.channels import choose_channels
from morula.images.image import Image
from morula.images.read import open_alike, open_image, open_joined, without_alpha
from morula.measures.measure_settings import MeasureSettings
from morula.names.endings import told_apart
from morula.names.lights import NOT_JOINED, Joined
from morula.names.table import read_names
from morula.pairs.census import Census, censuses_of
from morula.pairs.pairing import Matching, nothing_fits
from morula.pairs.shots import pair_shots
from morula.progress import Progress


@dataclass(frozen=True)
class Given:
    """The files of a measurement.

    Attributes:
        masks: class numbers in any form, or label images.
        images: paired with the masks by name, where files may be channels of one image; None to measure shapes alone.
        doubt: the folder with the doubt about these masks, for an interval of each measure.
        class_names: what the classes of masks that hold class numbers are called; empty where nobody told.
        drawn: what holds the masks, if they were drawn in another program.
    """

    masks: Sequence[Path]
    images: Sequence[Path] | None = None
    doubt: Path | None = None
    class_names: Sequence[str] = ()
    drawn: Annotations | None = None


@dataclass(frozen=True)
class Source:
    """A mask that is measured.

    Attributes:
        path: its file.
        name: what that is called in the table: its name, with its folders where names of masks clash.
        mask: what is in it.
        image: its image, where there is one.
        doubt: the doubt about it, where that is asked for.
        censuses: the stored values of its frames; none where they were not looked at.
        files: those of its image, by what tells its channels apart where there are several.
    """

    path: Path
    name: str
    mask: Image
    image: Image | None
    doubt: Image | None
    censuses: tuple[Census, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def pixel_size(self) -> tuple[float, ...] | None:
        """µm along each axis, from whichever says so."""
        return self.mask.pixel_size or (self.image.pixel_size if self.image else None)

    @property
    def spacing(self) -> np.ndarray:
        """The same as an array; 1 where it is unknown."""
        return np.array(self.pixel_size or (1.0,) * len(self.mask.space))


def open_sources(
    given: Given, settings: MeasureSettings, progress: Progress
) -> tuple[list[Source], dict[Path, str]]:
    """The masks that can be measured, and why others cannot.

    Args:
        given: the files.
        settings: how they are read.
        progress: called with files done, files in all, and words.

    Raises:
        RequestError: no image fits any mask by name.
    """
    masks, images = given.masks, given.images
    pairs: Sequence[tuple[Path | None, Path]]
    shots: Joined = NOT_JOINED
    if images is None:
        pairs, failed = [(None, mask) for mask in masks], {}
    else:
        matching, shots = pair_shots(images, masks, read_names(images))
        if not matching.pairs:
            raise RequestError(nothing_fits(images, masks))
        pairs, failed = matching.pairs, _unpaired(matching, masks)
    sources, names = [], told_apart([mask for _, mask in pairs])
    for done, (image, mask) in enumerate(pairs):
        progress(done, len(pairs), "reading masks")
        try:
            files = shots.get(image, {"": image}) if image else {}
            source = open_source(files, mask, names[mask], given, settings)
            sources.append(replace(source, censuses=censuses_of(source.mask)))
        except FileError as error:
            failed[mask] = str(error)
    return sources, failed


def open_source(
    files: Mapping[str, Path], mask_path: Path, name: str, given: Given, settings: MeasureSettings
) -> Source:
    """A mask with its image and the doubt about it, of whose frames nothing was looked at yet.

    Args:
        files: those of the image, see `Source`.
        mask_path: the file of the mask.
        name: what it is called in the table.
        given: what all masks are given with.
        settings: how they are read.

    Raises:
        FileError: one of the files cannot be read, or does not fit the others.
    """
    image = None
    if files:
        told = {"axes": settings.axes, "pixel_size": settings.pixel_size, "channels": settings.channels}
        image = open_joined(files, **told) if len(files) > 1 else open_image(*files.values(), **told)
        image = choose_channels(image, settings.use_channels) if settings.use_channels else without_alpha(image)
    if given.drawn:
        mask = given.drawn.open(mask_path, image)
        if image is None and settings.pixel_size is not None:
            told = settings.pixel_size
            mask = mask.with_pixel_size((told, told) if isinstance(told, float | int) else tuple(told))
    else:
        mask = open_alike(mask_path, image, axes=settings.axes, pixel_size=settings.pixel_size)
    if image is not None and (image.space, image.frames) != (mask.space, mask.frames):
        raise FileError(f"{mask_path}: the mask has {mask.extent}, and its image {image.extent}. "
                        "Measure masks with the images that they were made of.")
    doubt = None if given.doubt is None else _open_doubt(given.doubt / name, mask, settings)
    return Source(mask_path, name, mask, image, doubt, files=files)


def _open_doubt(path: Path, mask: Image, settings: MeasureSettings) -> Image:
    if not path.is_file():
        raise FileError(f"{mask.path}: there is no doubt about it, for {path} is missing. Make it with "
                        "morula segment --doubt.")
    doubt = open_alike(path, mask, axes=settings.axes, pixel_size=settings.pixel_size)
    if doubt.dtype != np.uint8 or (doubt.space, doubt.frames, len(doubt.channels)) != (mask.space, mask.frames, 1):
        raise FileError(f"{path}: this is no doubt about {mask.path}, which has {mask.extent}; this has "
                        f"{doubt.extent}, in {doubt.dtype}. Make it with morula segment --doubt.")
    return doubt


def _unpaired(matching: Matching, masks: Sequence[Path]) -> dict[Path, str]:
    torn = {path for files in matching.ambiguous for path in files}
    missing = "no image has this name. Give it the name of its image."
    unclear = "more than one image fits this name. Move all but one away."
    return {
        **{path: f"{path}: {missing}" for path in matching.masks_without_image},
        **{path: f"{path}: {unclear}" for path in masks if path in torn},
    }
