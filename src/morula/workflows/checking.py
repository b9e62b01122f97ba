"""Reading all images and masks once, to say what they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import Inspection, inspect
from morula.checks.leakage import find_leakage
from morula.pairs.folders import Files
from morula.progress import Progress, silent
from morula.settings import with_fields


def check(
    images: Files,
    masks: Files | None = None,
    settings: DataSettings | None = None,
    *,
    leakage: bool = False,
    progress: Progress = silent,
    **fields: Any,
) -> Inspection:
    """Read all images and masks once, and say what they hold and what must be mended before training.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks; None where one folder holds both, or folders of both.
        settings: how files are read, where they do not say it themselves.
        leakage: say also what a split at random would have let through.
        progress: called with files done, files in all, and words.
        fields: single values of `DataSettings`, over those of `settings`.

    Raises:
        RequestError: there are no images or no masks, or a setting does not fit them.
    """
    (settings,) = with_fields(fields, settings or DataSettings())
    inspection = inspect(images, masks, settings, progress)
    leaked = find_leakage(inspection.frames, inspection.split, progress) if leakage else None
    return replace(inspection, rows=(*inspection.rows, *leaked.rows())) if leaked else inspection
