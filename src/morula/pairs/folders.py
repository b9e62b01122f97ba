"""Where images and masks lie: in two folders, in one that holds both, or in folders beneath one.

In the place of masks may stand what was drawn in other programs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.errors import RequestError
from morula.exchange.collection import Annotations, find_annotations
from morula.files import settled
from morula.headers.zarr_groups import labels_of
from morula.images.read import find_files
from morula.names.endings import FILE_ENDINGS, LABELS, ZARR, ending, zarr_of
from morula.pairs.pairing import IMAGE_WORDS, MASK_WORDS, is_marked
from morula.whereabouts import as_path

Files = str | Path | Sequence[str | Path]

OUTLINES, MARKERS = "SEG", "TRA"
"""Beneath the truth about a movie of the Cell Tracking Challenge: outlines, and markers that are none."""


@dataclass(frozen=True)
class Masks:
    """The files of masks.

    Attributes:
        files: what stands for each mask.
        drawn: what holds them, if they were drawn in another program; None where each is a file.
    """

    files: list[Path]
    drawn: Annotations | None = None


@dataclass(frozen=True)
class Found:
    """The files of images and masks.

    Attributes:
        images: the image files.
        masks: the mask files; the same where one folder holds both.
        places: the folders, files and patterns that they were found by, images first, where these were not given so.
        drawn: what holds the masks, if they were drawn in another program.
    """

    images: list[Path]
    masks: list[Path]
    places: tuple[Files, Files] | None = None
    drawn: Annotations | None = None

    @property
    def files(self) -> set[Path]:
        """All that was found, as it lies in folders."""
        return {*self.images, *(self.drawn.sources if self.drawn else self.masks)}


def find_both(images: Files, masks: Files | None = None) -> Found:
    """The image files and the mask files.

    One folder, given alone or twice, may hold both, as an OME-Zarr does whose images have labels; or folders whose
    names say what is in them, such as `images` and `masks` or `imagesTr` and `labelsTr`; or a folder for each image,
    with two such folders in it. A folder of masks without files may hold a folder for each image. What labelme and
    others wrote beside the images are masks, as long as no image there is called one.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks, or of annotations; None where they lie beside or beneath the images.

    Raises:
        RequestError: there are no images or no masks, or it is not clear which folder holds them.
        DataError: annotations are damaged, or hold what is not understood.
    """
    parent = _only_folder(images, masks)
    if parent is None:
        given = images if masks is None else masks
        found_images = find_files(images)
        found = find_masks(given)
        found_masks = found.files
        if set(map(settled, found_images)) == set(map(settled, found_masks)):
            found_masks = found_images  # however they were spelled
        return Found(found_images, found_masks, drawn=found.drawn)
    if inside := _labels_inside(parent):
        return inside
    if drawn := _drawn_beside(parent):
        return drawn
    places = _beneath(parent)
    if places is None:
        several = [each for folder in _folders(parent) if (each := _named(folder))]
        if len(several) > 1 and any(_count(image) > 1 for image, _ in several):  # such as train and test: never one
            raise RequestError(f"{parent} holds several folders with images and masks: "
                               f"{', '.join(image.parent.name for image, _ in several)}. Give one of them, such as "
                               f"{several[0][0].parent}.")
        if not several:
            raise RequestError(
                f"{parent} holds no images, and no folders called images and masks. Give the folder of the images and "
                "then that of the masks."
            )
        folders = [list(side) for side in zip(*several, strict=True)]
        images_in, masks_in = (f"folders {parent / '*' / side[0].name}" for side in folders)
        return Found(find_files(folders[0]), find_files(folders[1]), (images_in, masks_in))
    image_place, mask_place = places
    found_images = find_files(image_place)
    if mask_place == image_place:
        return Found(found_images, found_images, places)
    found = find_masks(mask_place)
    return Found(found_images, found.files, places, found.drawn)


def find_masks(place: Files) -> Masks:
    """The mask files in a folder, behind a pattern, or both in a list; in a folder without files, those of its folders,
    as where each holds the masks of one image. Of a truth of the Cell Tracking Challenge (`01_GT`), the outlines in
    `SEG`. Or the annotations of other programs, as long as no image lies beside them.

    Raises:
        RequestError: a name does not exist, there is no mask, or there are masks and annotations.
        DataError: annotations are damaged, or hold what is not understood.
    """
    folder = as_path(place).expanduser() if isinstance(place, str | Path) else None
    if folder is not None and (zarr_of(folder) or (folder.is_dir() and _holds_images(folder))):
        return Masks(find_files(folder))
    if drawn := find_annotations(place):
        ensure_of_one_kind(drawn, place)
        return Masks(drawn.files, drawn)
    if folder is None or not folder.is_dir():
        return Masks(find_files(place))
    folders = [each for each in _folders(folder) if _holds_images(each)]
    if {each.name for each in folders} == {OUTLINES, MARKERS}:
        folders = [folder / OUTLINES]
    return Masks(find_files(folders or folder))


def ensure_of_one_kind(drawn: Annotations, place: Files) -> None:
    """Refuse masks and annotations in one list.

    Raises:
        RequestError: there are both.
    """
    places = [as_path(each) for each in ([place] if isinstance(place, str | Path) else place)]
    if mask := next((each for each in places if ending(each) in {*FILE_ENDINGS, ZARR}), None):
        raise RequestError(f"{min(drawn.sources)} holds annotations, and {mask} is a mask. Give masks or annotations.")


def _labels_inside(parent: Path) -> Found | None:
    """The images of an OME-Zarr, or of several in a folder, with the labels in them; None where they have none."""
    if not zarr_of(parent) and not any(ending(path) == ZARR for path in parent.iterdir()):
        return None
    images = find_files(parent)
    held = {image: labels_of(image) for image in images if zarr_of(image)}
    names = sorted({name for each in held.values() for name in each})
    if len(names) > 1:
        within = parent if zarr_of(parent) else parent / f"*{ZARR}"
        raise RequestError(f"The images in {parent} have the labels {', '.join(names)}. Give those that are the masks, "
                           f"such as '{within / LABELS / names[0]}'.")
    masks = [image / LABELS / name for image, each in held.items() for name in each]
    return Found(images, masks, (parent, parent)) if masks else None


def _drawn_beside(parent: Path) -> Found | None:
    """The images of a folder, or of the folder for images in it, with the annotations that lie beside; None without."""
    if _holds_images(parent):
        images = parent
        if any(is_marked(file) for file in find_files(parent)) or _only(parent, MASK_WORDS, "masks"):
            return None
    else:
        below = _only(parent, IMAGE_WORDS, "images")
        if below is None or _only(parent, MASK_WORDS, "masks"):
            return None
        images = below
    drawn = find_annotations(parent)
    return Found(find_files(images), drawn.files, (images, parent), drawn) if drawn else None


def _only_folder(images: Files, masks: Files | None) -> Path | None:
    """The folder that was given alone, or twice."""
    if not isinstance(images, str | Path) or not isinstance(masks, str | Path | None):
        return None
    folder = as_path(images).expanduser()
    alike = masks is None or as_path(masks).expanduser().resolve() == folder.resolve()
    return folder if alike and folder.is_dir() else None


def _beneath(parent: Path) -> tuple[Path, Path] | None:
    """The folders of images and of masks beneath a folder, or itself where it holds them; None where there are none."""
    named = _named(parent)
    if named or not _holds_images(parent):
        return named
    masks = _only(parent, MASK_WORDS, "masks")
    return parent, masks or parent


def _named(parent: Path) -> tuple[Path, Path] | None:
    images, masks = _only(parent, IMAGE_WORDS, "images"), _only(parent, MASK_WORDS, "masks")
    return (images, masks) if images and masks else None


def _only(parent: Path, words: str, called: str) -> Path | None:
    """The one folder in a folder whose name is such a word; None where there is none."""
    found = [folder for folder in _folders(parent) if re.fullmatch(f"(?:{words})s?(?:tr)?", folder.name, re.IGNORECASE)]
    if len(found) > 1:
        raise RequestError(f"{parent} holds several folders that may be those of the {called}: "
                           f"{', '.join(folder.name for folder in found)}. Give the folder of the images and then that "
                           "of the masks.")
    return found[0] if found else None


def _folders(parent: Path) -> list[Path]:
    below = (path for path in parent.iterdir() if not path.name.startswith(".") and not zarr_of(path))
    return sorted(path for path in below if path.is_dir())


def _holds_images(folder: Path) -> bool:
    return _count(folder) > 0


def _count(folder: Path) -> int:
    """How many image files a folder holds."""
    visible = (file for file in folder.iterdir() if not file.name.startswith("."))
    return sum((ending(file) in FILE_ENDINGS and file.is_file()) or (ending(file) == ZARR and file.is_dir())
               for file in visible)
