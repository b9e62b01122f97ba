"""A folder that has masks already becomes a project: they are understood, and written as a project writes them.

What was drawn in other programs becomes masks likewise.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from morula.errors import DataError, MorulaError, RequestError
from morula.exchange.collection import find_annotations
from morula.images.image import Image
from morula.images.read import open_alike
from morula.images.write import mask_name, write_mask_of
from morula.pairs.census import censuses_of
from morula.pairs.folders import Masks, find_masks
from morula.pairs.masks import MaskReading
from morula.pairs.pairing import pair_files
from morula.pairs.recognition import recognise
from morula.pairs.told_masks import read_masks
from morula.plurals import many
from morula.projects.foreign_masks import FOUND, free_path
from morula.projects.project import SETTINGS, Project
from morula.projects.project_settings import LabelClass, usual_classes

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
    found, given = _masks_found(project)
    if given is None:
        project.change_settings(project.settings)
        return None
    sources = {source.path: source for source in project.sources()}
    pairs = pair_files(list(sources), given.files).pairs
    if not pairs:
        raise RequestError(f"No mask in {found} fits an image by its name. Rename them like their images, or move the "
                           "folder away.")
    opened = [(sources[image], project.image(sources[image]), mask) for image, mask in pairs]
    masks = [given.drawn.open(mask, image) if given.drawn else open_alike(mask, image) for _, image, mask in opened]
    reading = _drawn_reading(masks) if given.drawn else recognise(masks)
    objects = _tell_objects_apart(masks) if given.drawn else reading.others is not None
    classes = _named(given.drawn.classes if given.drawn else (), 1 if objects else max(1, reading.classes))
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


def _masks_found(project: Project) -> tuple[Path, Masks | None]:
    """The folder in which masks lie, and these; None where there are none."""
    for folder in (project.masks, *(project.folder / name for name in ELSEWHERE)):
        try:
            if folder.is_dir() and (found := find_masks(folder)).files and project.sources():
                return folder, found
        except DataError:
            raise
        except MorulaError:
            continue
    drawn = find_annotations(project.images) if project.images.is_dir() else None
    return project.images, Masks(drawn.files, drawn) if drawn else None


def _drawn_reading(masks: Sequence[Image]) -> MaskReading:
    return read_masks(masks, [census for mask in masks for census in censuses_of(mask)], "auto", None)


def _tell_objects_apart(masks: Sequence[Image]) -> bool:
    """Whether what was drawn is several things of one kind."""
    meaning = masks[0].meaning
    return bool(meaning and meaning.objects and meaning.unknown is None
                and any(frame.max() > 1 for mask in masks for frame in mask))


def _named(names: Sequence[str], count: int) -> tuple[LabelClass, ...]:
    """So many classes, by the names under which they were drawn."""
    usual = usual_classes(count)
    told = zip(usual, names, strict=False)
    named = [each.model_copy(update={"name": name.replace(",", " ").lstrip("-")}) for each, name in told]
    return (*named, *usual[len(named) :])


def _write(path: Path, image: Image, mask: Image, reading: MaskReading | None) -> None:
    def frames() -> Iterator[np.ndarray]:
        for stored in mask:
            yield reading.class_numbers(stored) if reading else stored[0].astype(np.uint16)

    write_mask_of(image, path, frames())
