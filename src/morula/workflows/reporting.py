"""One page about a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.errors import RequestError
from morula.images.read import find_files
from morula.pairs.folders import Files, find_masks
from morula.pairs.masks import class_names
from morula.plots.experiment import ExperimentSettings, read_experiment
from morula.progress import Progress, silent
from morula.scores.comparison_settings import ComparedMasksSettings, ComparisonSettings
from morula.scores.evaluation import Evaluation, evaluate_files
from morula.segmenting.seen import told_in_tables
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.models.model import Model


def report(
    model: str | Path | Model,
    out: str | Path,
    *,
    images: Files | None = None,
    masks: Files | None = None,
    predicted: Files | None = None,
    table: str | Path | None = None,
    settings: ExperimentSettings | None = None,
    reading: ComparedMasksSettings | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Evaluation | None:
    """Write one HTML page about a model: data, plan, learning, and its scores where there is a truth.

    Args:
        model: a model, or its file.
        out: the page to write.
        images: what was segmented.
        masks: the true masks of these images.
        predicted: the model's masks of them.
        table: what was measured of its masks, with tracks or without.
        settings: what is compared in the table and shown of it.
        progress: called with masks done, masks in all, and words.
        reading: how the true and the predicted masks are read, where that should not be recognised; those of the model
            hold what it was made to write.
        fields: single values of `ExperimentSettings` and `ComparedMasksSettings`, over those of `settings` and
            `reading`.

    Returns:
        The evaluation of `predicted` against `masks`, if both are given.

    Raises:
        ModelError: the model file cannot be used, or has no record of a training.
        RequestError: only one of `masks` and `predicted` is given, they cannot be read as the settings say, or the
            table has not what is asked for.
    """
    from morula.models.model import Model
    from morula.plots.measure_plots import measure_pictures
    from morula.reports.contents import model_report
    from morula.reports.page import write_report
    from morula.segmenting.seen import told_by_images

    settings, reading = with_fields(fields, settings or ExperimentSettings(), reading or ComparedMasksSettings())
    path = Path("model") if isinstance(model, Model) else Path(model)
    model = model if isinstance(model, Model) else Model.load(model)
    if (masks is None) != (predicted is None):
        raise RequestError("A report with scores needs both --masks, the truth, and --predicted, the model's masks.")
    evaluation = None
    if masks is not None and predicted is not None:
        separated = model.plan.separation is not None
        comparison = ComparisonSettings(**reading.model_dump(), objects=separated)
        if reading.read_predicted_as == "auto":  # a model's masks hold what it was made to write
            written = "objects" if separated else "classes"
            comparison = comparison.model_copy(update={"read_predicted_as": written})
        named = model.classes if model.classes != class_names(len(model.classes)) else None
        true = find_masks(masks)
        evaluation = evaluate_files(find_masks(predicted).files, true.files, comparison, progress, usual=named,
                                    drawn=true.drawn)
    shown = find_files(images) if images else ()
    if evaluation:
        told = zip(told_by_images(model, evaluation.frames, shown), told_in_tables(evaluation.frames), strict=True)
        evaluation = replace(evaluation, seen=tuple(by_image or in_table for by_image, in_table in told))
    pictures = ()
    if table is not None:
        experiment = read_experiment([Path(table)], settings)
        pictures = tuple(measure_pictures(experiment, sort_by=settings.sort_by, images=shown))
    write_report(Path(out), model_report(model, path, evaluation, shown, pictures))
    return evaluation
