"""Reading all images and masks once, to say what they hold."""

from __future__ import annotations

from typing import Any

from morula.images.inspection import DataSettings, Files, Inspection, inspect
from morula.progress import Progress, silent
from morula.settings import with_fields


def check(
    images: Files,
    masks: Files,
    settings: DataSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Inspection:
    """Read all images and masks once, and say what they hold and what must be mended before training.

    Args:
        images: a folder, a file (a stack is many frames) or a glob.
        masks: the same of masks.
        settings: how files are read, where they do not say it themselves.
        progress: called with files done, files in all, and words.
        fields: single values of `DataSettings`, over those of `settings`.

    Raises:
        RequestError: there are no images or no masks, or a setting does not fit them.
    """
    (settings,) = with_fields(fields, settings or DataSettings())
    return inspect(images, masks, settings, progress)


MOVIES = 6
"""Movies of gastruloids, unless another number is asked for."""

DRAWN_WITH = {"gastruloids": ("movies", "frames"), "shapes": ("axes", "channels")}
"""What can be drawn, and the settings that are of no use for anything else."""
