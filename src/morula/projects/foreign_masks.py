"""Masks that other programs wrote, looked at whole before any of them is taken for what was drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from morula.errors import FileError
from morula.images.image import Image
from morula.images.read import open_alike
from morula.names.endings import NIFTI_ENDINGS, TIFF_ENDINGS, ending, stem
from morula.projects.project import Project
from morula.projects.project_settings import ProjectSettings

FOUND = "masks as found"
"""The folder for masks of others as they were before they were taken over."""


def foreign_mask(path: Path, image: Image, settings: ProjectSettings, seen: Callable[[int], np.ndarray]) -> Image:
    """Open a mask file that may be taken over.

    Args:
        path: the file.
        image: what it is a mask of.
        settings: say which numbers there are.
        seen: the numbers `(*space)` of each frame, as they were before.

    Raises:
        FileError: it cannot be read, is of another size, or holds what no mask of the project does.
    """
    mask = open_alike(path, image)
    if (mask.frames, mask.space) != (image.frames, image.space):
        raise FileError(f"{path.name} has {mask.extent}, and its image {image.extent}. Draw it on this image, or move "
                        "it away.")
    for frame in range(image.frames):
        _ensure_ours(path, mask.frame(frame)[0], seen(frame), settings)
    return mask


def free_path(path: Path) -> Path:
    """The path, or one with a number behind its stem that nothing has yet."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{stem(path)} {number}{ending(path)}")
    return free


def is_as_written(mask: Path, image: Path) -> bool:
    """Whether a mask file is of the kind that is written for an image: NIfTI beside NIfTI, else TIFF."""
    return ending(mask) in (NIFTI_ENDINGS if ending(image) in NIFTI_ENDINGS else TIFF_ENDINGS)


def keep_as_found(project: Project, mask: Path) -> None:
    """Move a mask that is taken over, and written anew as another kind of file, to where masks lie as they were."""
    folder = project.folder / FOUND
    folder.mkdir(exist_ok=True)
    mask.rename(free_path(folder / mask.name))


def _ensure_ours(path: Path, numbers: np.ndarray, before: np.ndarray, settings: ProjectSettings) -> None:
    if not _counts(numbers):
        raise FileError(f"{path.name} holds what is no whole number from 0. Save the numbers of classes or objects, or "
                        "move it away.")
    known = 65535 if settings.objects else len(settings.classes)
    beyond = set(np.unique(numbers[numbers > known]).tolist())
    lost = not np.any((numbers > 0) & (numbers <= known)) and (before % 255).any() and not numbers.all()
    if beyond == {255} == {settings.not_annotated} and lost:
        raise FileError(f"{path.name} holds 0 and 255 alone, and 255 is what nobody annotated. Save what is outlined "
                        "as 1, or move it away.")
    if strange := beyond - {settings.not_annotated}:
        raise FileError(f"{path.name} holds {min(strange):g}, and there are {known} classes. Name as many classes as "
                        "it has, or move it away.")


def _counts(numbers: np.ndarray) -> bool:
    """Whether all are whole numbers from 0; where the type holds no others, none is looked at."""
    if numbers.dtype.kind in "bu":
        return True
    whole = numbers.dtype.kind == "i" or bool(np.isfinite(numbers).all() and (numbers == np.rint(numbers)).all())
    return whole and numbers.min(initial=0) >= 0
