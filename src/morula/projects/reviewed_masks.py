"""Masks as they are measured: those that a model drew, and in their place those that a person accepted or drew."""

from __future__ import annotations

import csv
import shutil
from contextlib import suppress
from pathlib import Path

from morula.errors import FileError, RequestError
from morula.images.read import open_alike
from morula.images.write import mask_name
from morula.measures.measure_settings import MeasureSettings
from morula.measures.numbering import objects_again
from morula.objects.selection import Objects
from morula.plurals import many
from morula.progress import Tell, unheard
from morula.projects.annotation import Annotation
from morula.projects.frame_states import KEPT, REJECTED, Notes
from morula.projects.project import Project, Source
from morula.segmenting.frames import TABLE

REVIEWED = "reviewed masks"
"""The folder for them."""
INTERPOLATED = "interpolated between the frames beside it"
"""What the table of frames says of such masks."""


def gather_reviewed(project: Project, tell: Tell = unheard) -> Path:
    """Fill the folder of reviewed masks anew, and return it.

    Args:
        project: whose mask files are up to date.
        tell: told of images that cannot be read, which have no mask there.

    Raises:
        RequestError: there is no mask at all.
    """
    folder = project.results / REVIEWED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rejected = 0
    for source in project.sources():
        try:
            rejected += _gather(project, source, folder)
        except FileError as error:
            tell(str(error))
    if rejected:
        tell(f"{many(rejected, 'mask')} that you rejected {'is' if rejected == 1 else 'are'} left out.")
    if not any(folder.iterdir()):
        raise RequestError("There is no mask to measure yet. Let a model segment the images, or finish some by hand.")
    if (table := project.predicted / TABLE).is_file():
        _copy_table(project, table, folder / TABLE)
    return folder


def _copy_table(project: Project, table: Path, copy: Path) -> None:
    """Copy the table of frames, without those that were rejected; it says which masks lie between those beside them,
    for nobody saw these."""
    notes = {}
    for source in project.sources():
        with suppress(FileError):  # of which there is no mask, either
            notes[source.name] = Notes.of(project, source)
    with table.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or []
        with copy.open("w", newline="", encoding="utf-8") as written:
            writer = csv.DictWriter(written, columns)
            writer.writeheader()
            for row in rows:
                own, frame = notes.get(row.get("file") or "", Notes()), row.get("frame") or ""
                if frame.isdecimal() and is_rejected(own, int(frame)):
                    continue
                if "cleaned" in columns and frame.isdecimal() and int(frame) in own.interpolated:
                    row["cleaned"] = INTERPOLATED
                writer.writerow(row)


def is_own(notes: Notes, frame: int) -> bool:
    """Whether what a person drew on a frame counts, and not what a model drew."""
    return notes.reviews.get(frame) in KEPT or notes.state(frame) == "finished"


def is_rejected(notes: Notes, frame: int) -> bool:
    """Whether nothing is known of a frame, since a person rejected what a model drew, and did not draw it anew."""
    return notes.reviews.get(frame) == REJECTED and notes.state(frame) != "finished"


def measured_objects(project: Project, source: Source, frame: int) -> Objects | None:
    """The objects of a frame as they were measured, with the numbers that the table gives them.

    Returns:
        None where the image was not measured, or was of another size then.

    Raises:
        FileError: the mask cannot be read, or holds what no mask of this project does.
    """
    image, folder, drawn = project.image(source), project.results / REVIEWED, project.prediction(source)
    names = [mask_name(source.path), *([drawn.name] if drawn else [])]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        return None
    mask = open_alike(path, image)
    if (mask.frames, mask.space) != (image.frames, image.space):
        return None
    settings = MeasureSettings(read_masks_as=project.settings.read_masks_as,
                               not_annotated=project.settings.not_annotated)
    try:
        return objects_again(mask.frame(frame), settings)
    except (ValueError, RequestError) as error:
        raise FileError(f"{path.name} is no mask of this project ({error}). Measure again.") from error


def is_outdated(project: Project, table: Path) -> bool:
    """Whether a mask was written after a table that was made of them all."""
    made = table.stat().st_mtime_ns
    masks = (mask for source in project.sources() for mask in (project.mask(source), project.prediction(source)))
    return any(mask.stat().st_mtime_ns > made for mask in masks if mask and mask.is_file())


def _gather(project: Project, source: Source, folder: Path) -> int:
    """Put the mask of one image into the folder, if it has one; returns how many of its frames were rejected."""
    image, notes, drawn = project.image(source), Notes.of(project, source), project.prediction(source)
    own = [frame for frame in range(image.frames) if is_own(notes, frame)]
    rejected = [frame for frame in notes.reviews if is_rejected(notes, frame)] if drawn else []
    if len(own) == image.frames and not notes.interpolated and project.mask(source).is_file():
        shutil.copyfile(project.mask(source), folder / mask_name(source.path))
    elif own or 0 < len(rejected) < image.frames:
        annotation, prediction = Annotation(project, source), open_alike(drawn, image) if drawn else None
        annotation.write_merged(prediction, folder / mask_name(source.path), own, rejected)
    elif drawn and not rejected:
        shutil.copyfile(drawn, folder / drawn.name)
    return len(rejected)
