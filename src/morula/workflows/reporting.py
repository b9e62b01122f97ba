"""One page about a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from morula.errors import RequestError
from morula.images.inspection import Files
from morula.images.read import find_files
from morula.progress import Progress, silent
from morula.scores.evaluation import ComparisonSettings, Evaluation, evaluate_files

if TYPE_CHECKING:
    from morula.models.model import Model


def report(
    model: str | Path | Model,
    out: str | Path,
    *,
    images: Files | None = None,
    masks: Files | None = None,
    predicted: Files | None = None,
    progress: Progress = silent,
) -> Evaluation | None:
    """Write one HTML page about a model: data, plan, learning, and its scores where there is a truth.

    Args:
        model: a model, or its file.
        out: the page to write.
        images: what was segmented.
        masks: the true masks of these images.
        predicted: the model's masks of them.
        progress: called with masks done, masks in all, and words.

    Returns:
        The evaluation of `predicted` against `masks`, if both are given.

    Raises:
        RequestError: only one of `masks` and `predicted` is given.
    """
    from morula.models.model import Model
    from morula.reports.contents import model_report
    from morula.reports.report import write_report

    path = Path("model") if isinstance(model, Model) else Path(model)
    model = model if isinstance(model, Model) else Model.load(model)
    if (masks is None) != (predicted is None):
        raise RequestError("A report with scores needs both --masks, the truth, and --predicted, the model's masks.")
    evaluation = None
    if masks is not None and predicted is not None:
        separated = model.plan.separation is not None
        settings = ComparisonSettings(read_predicted_as="objects" if separated else "classes", objects=separated)
        evaluation = evaluate_files(find_files(predicted), find_files(masks), settings, progress)
    write_report(Path(out), model_report(model, path, evaluation, find_files(images) if images else ()))
    return evaluation
