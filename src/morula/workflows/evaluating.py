"""Comparing masks with the truth."""

from __future__ import annotations

from dataclasses import replace
from json import dumps
from pathlib import Path
from typing import Any

from morula.errors import RequestError
from morula.files import write_text
from morula.images.read import find_files
from morula.pairs.folders import Files, find_masks
from morula.progress import Progress, silent
from morula.scores.challenge_scores import evaluate_challenge
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.evaluation import Evaluation, evaluate_files
from morula.segmenting.frames import names_told
from morula.segmenting.seen import told_in_tables
from morula.settings import with_fields
from morula.tracks.challenge import MARKERS, OUTLINES, is_truth
from morula.whereabouts import as_path


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

    With `tracks`, both may be folders of the Cell Tracking Challenge as they come, such as `02_RES` and `02_GT`. Its
    true tracks are markers: then there are no pixel scores.

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
    folders = _folder(predicted), _folder(truth)
    if settings.tracks and is_truth(folders[1]):
        evaluation = evaluate_challenge(*folders, settings.axes, progress)
    elif is_truth(folders[1]) and (true := _challenge(folders[1])):
        raise RequestError(f"{folders[1]} is a folder of the Cell Tracking Challenge, whose {MARKERS} may show markers "
                           f"in objects and not their outlines. Say --tracks to score what was found and followed; to "
                           f"compare pixels, give {true / OUTLINES}.")
    else:
        true, made = find_masks(truth), find_masks(predicted)
        if made.drawn:
            raise RequestError(f"{min(made.drawn.sources)} holds annotations. Give predicted masks first, and "
                               "annotations as the truth.")
        usual = (names_told(made.files) or None) if true.drawn else None
        evaluation = evaluate_files(made.files, true.files, settings, progress, usual=usual, drawn=true.drawn)
    if not settings.annotators:
        evaluation = replace(evaluation, seen=told_in_tables(evaluation.frames))
    if json is not None:
        write_text(Path(json), dumps(evaluation.record(), indent=2, ensure_ascii=False) + "\n")
    if report is not None:
        from morula.reports.contents import evaluation_report
        from morula.reports.page import write_report

        write_report(Path(report), evaluation_report(evaluation, find_files(images) if images is not None else []))
    return evaluation


def _challenge(folder: Path) -> Path | None:
    """The folder of the true movie that this is, or whose markers it holds; None if it is neither."""
    return folder if (folder / MARKERS).is_dir() else folder.parent if folder.resolve().name == MARKERS else None


def _folder(files: Files) -> Path:
    """The folder that is given, or that holds the first of the files."""
    if isinstance(files, str | Path) and as_path(files).expanduser().is_dir():
        return as_path(files).expanduser()
    return find_masks(files).files[0].parent
