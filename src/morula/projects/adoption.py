"""A folder that has masks already becomes a project: they are understood, and written as a project writes them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from morula.errors import MorulaError, RequestError
from morula.images.image import Image
from morula.images.read import find_files, open_alike
from morula.images.write import mask_name, write_mask_of
from morula.pairs.masks import MaskReading
from morula.pairs.pairing import pair_files
from morula.pairs.recognition import recognise
from morula.plurals import many
from morula.projects.foreign_masks import FOUND, free_path
from morula.projects.project import SETTINGS, Project
from morula.projects.project_settings import usual_classes

ELSEWHERE = ("labels", "annotations")
"""Folders that may hold them, if there is none called masks."""


def adopt(project: Project) -> str | None:
    """Make a project of a folder that has none yet, with the masks that lie in it; returns what was done in words.

    The masks as they were are kept in a folder beside.

    Raises:
        MorulaError: they cannot be understood. Nothing has changed then.
    """
    if (project.folder / SETTINGS).is_file():
        return None
    found = _masks_found(project)
    if found is None:
        project.change_settings(project.settings)
        return None
    sources = {source.path: source for source in project.sources()}
    pairs = pair_files(list(sources), find_files(found)).pairs
    if not pairs:
        raise RequestError(f"No mask in {found} fits an image by its name. Rename them like their images, or move the "
                           "folder away.")
    opened = [(sources[image], project.image(sources[image]), mask) for image, mask in pairs]
    masks = [open_alike(mask, image) for _, image, mask in opened]
    reading = recognise(masks)
    objects = reading.others is not None
    classes = usual_classes(1 if objects else max(1, reading.classes))
    settings = project.settings.model_copy(update={"classes": classes, "objects": objects})
    ready = project.hidden / "adopted"
    shutil.rmtree(ready, ignore_errors=True)  # of an adoption that was broken off
    for (source, image, _), mask in zip(opened, masks, strict=True):
        _write(ready / mask_name(source.path), image, mask, None if objects else reading)
    kept = found
    if found == project.masks:
        kept = free_path(project.folder / FOUND)
        found.rename(kept)
    ready.rename(project.masks)
    project.change_settings(settings)
    return (f"{many(len(opened), 'mask')} taken over: {reading.sentence}. As they were, they lie in the folder "
            f"'{kept.name}'.")


def _masks_found(project: Project) -> Path | None:
    for folder in (project.masks, *(project.folder / name for name in ELSEWHERE)):
        try:
            if folder.is_dir() and find_files(folder) and project.sources():
                return folder
        except MorulaError:
            continue
    return None


def _write(path: Path, image: Image, mask: Image, reading: MaskReading | None) -> None:
    def frames() -> Iterator[np.ndarray]:
        for stored in mask:
            yield reading.class_numbers(stored) if reading else stored[0].astype(np.uint16)

    write_mask_of(image, path, frames())
