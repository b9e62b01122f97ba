"""Comparing masks with the truth."""

from __future__ import annotations

from dataclasses import replace
from json import dumps
from pathlib import Path
from typing import Any

from morula.checks.inspection import Files
from morula.files import write_text
from morula.images.read import find_files
from morula.progress import Progress, silent
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.evaluation import Evaluation, evaluate_files
from morula.segmenting.seen import told_in_tables
from morula.settings import with_fields


def evaluate(
    predicted: Files,
    truth: Files,
    settings: ComparisonSettings | None = None,
    *,
    images: Files | None = None,
    json: str | Path | None = None,
    report: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Evaluation:
    """Compare predicted masks with true ones of the same name, frame by frame.

    Where `frames.csv` lies beside predicted masks, it says which images the model learned from, and so does the result.

    Args:
        predicted: masks of any form; those of Morula hold class numbers.
        truth: the true masks; each needs a prediction, and further predictions do not count.
        settings: how the masks are read, where that should not be recognised.
        images: what was segmented, to be shown beneath the outlines in the report.
        json: where to write all scores.
        report: where to write a page with scores and overlays.
        progress: called with masks done, masks in all, and words.
        fields: single values of `ComparisonSettings`, over those of `settings`.

    Raises:
        RequestError: there are no masks, or no prediction fits any true mask by name.
        DataError: the masks of one side cannot be understood, or not one pair can be compared.
        FileError: one of `images` cannot be read, or is of another size than its mask.
        OutputError: `json` or `report` cannot be written.
    """
    (settings,) = with_fields(fields, settings or ComparisonSettings())
    evaluation = evaluate_files(find_files(predicted), find_files(truth), settings, progress)
    if not settings.annotators:
        evaluation = replace(evaluation, seen=told_in_tables(evaluation.frames))
    if json is not None:
        write_text(Path(json), dumps(evaluation.record(), indent=2, ensure_ascii=False) + "\n")
    if report is not None:
        from morula.reports.contents import evaluation_report
        from morula.reports.page import write_report

        write_report(Path(report), evaluation_report(evaluation, find_files(images) if images is not None else []))
    return evaluation
