"""A folder that has masks already becomes a project: they are understood, and written as a project writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from morula.errors import MorulaError
from morula.images.image import Image
from morula.images.read import find_files, open_alike
from morula.images.write import mask_name, write_mask_of
from morula.pairs.masks import MaskReading
from morula.pairs.pairing import pair_files
from morula.pairs.recognition import recognise
from morula.projects.project import SETTINGS, Project, Source
from morula.projects.project_settings import usual_classes

FOUND = "masks as found"
"""Where masks are kept as they were before."""
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
    opened = [(sources[image], project.image(sources[image]), mask) for image, mask in pairs]
    masks = [open_alike(mask, image) for _, image, mask in opened]
    reading = recognise(masks)
    objects = reading.others is not None
    classes = usual_classes(1 if objects else max(1, reading.classes))
    settings = project.settings.model_copy(update={"classes": classes, "objects": objects})
    kept = found
    if found == project.masks:
        kept = project.folder / FOUND
        found.rename(kept)
    for (source, image, _), path in zip(opened, [kept / mask.relative_to(found) for _, _, mask in opened], strict=True):
        _write(project, source, image, open_alike(path, image), None if objects else reading)
    project.change_settings(settings)
    return (f"{len(opened)} masks were taken over: {reading.sentence}. As they were, they lie in the folder "
            f"'{kept.name}'.")


def _masks_found(project: Project) -> Path | None:
    for folder in (project.masks, *(project.folder / name for name in ELSEWHERE)):
        try:
            if folder.is_dir() and find_files(folder) and project.sources():
                return folder
        except MorulaError:
            continue
    return None


def _write(project: Project, source: Source, image: Image, mask: Image, reading: MaskReading | None) -> None:
    def frames() -> Iterator[np.ndarray]:
        for stored in mask:
            yield reading.class_numbers(stored) if reading else stored[0].astype(np.uint16)

    write_mask_of(image, project.masks / mask_name(source.path), frames())
