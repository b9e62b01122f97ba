"""From images to masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.images.read import find_files
from morula.names.endings import called
from morula.pairs.folders import Files
from morula.progress import Progress, silent
from morula.settings import with_fields
from morula.whereabouts import as_path

if TYPE_CHECKING:
    from morula.models.model import Model
    from morula.models.segment_settings import SegmentSettings
    from morula.segmenting.stream import Segmented


def segment(
    model: str | Path | Model,
    images: Files,
    out: str | Path,
    settings: SegmentSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Segmented:
    """Write a mask for every image into a folder, with `frames.csv` beside them.

    With `labels`, masks go into the OME-Zarr of their images, too. With `review`, the frames most worth a
    look are shown in `out/review`, worst first.

    Args:
        model: a model, or its file.
        images: a folder, a file (a stack is many frames), a glob, or a list of these.
        out: the folder for the masks, or the URL of one.
        settings: how images are read, and whether masks may be written over.
        progress: called with files done, files in all, and words.
        fields: single values of `SegmentSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used.
        RequestError: there are no images, their masks would get into each other's way, or a threshold was asked of
            a model of several classes.
        OutputError: the folder cannot be written to, or holds masks of another model.
    """
    from morula.models.model import Model
    from morula.models.segment_settings import SegmentSettings
    from morula.reports.review import write_review
    from morula.segmenting.frames import TABLE, models_told
    from morula.segmenting.incoming import open_for, shots_for, zoomed
    from morula.segmenting.labelling import ensure_labels, write_labels
    from morula.segmenting.stream import segment_files
    from morula.workers.segmenting_crew import mask_makers

    (settings,) = with_fields(fields, settings or SegmentSettings())
    files = find_files(images)
    given, model = model, model if isinstance(model, Model) else Model.load(model)
    model = model.asked_for(settings)
    files, shots = shots_for(model.plan, files)
    place = as_path(out)
    begun = () if settings.overwrite else models_told(place / TABLE)
    model = zoomed(model, files, settings, shots, begun)
    if settings.labels is not None:
        ensure_labels(files, settings.labels, place, model, overwrite=settings.overwrite)
    with mask_makers(given, model, settings, place, shots) as makers:
        segmented = segment_files(model, files, place, settings, progress, shots, makers)
    if settings.labels is not None:
        unlabelled = write_labels(files, settings.labels, segmented.out, model, progress)
        segmented = replace(segmented, failed={**unlabelled, **segmented.failed})
    if not settings.review or not segmented.frames:
        return segmented
    paths, plan = {called(path): path for path in files}, model.plan
    review = write_review(segmented.frames, lambda file: open_for(plan, paths[file], settings, shots), segmented.out,
                          settings.review, progress, numbered=plan.separation is not None,
                          classes=plan.classes)
    return replace(segmented, review=review.page)
