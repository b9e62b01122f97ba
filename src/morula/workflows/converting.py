"""From images of any kind to OME-Zarr or OME-TIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from morula.images.read import find_files
from morula.pairs.folders import Files
from morula.progress import Progress, silent
from morula.pyramids.conversion import Converted, convert_files
from morula.pyramids.conversion_settings import ConversionSettings
from morula.settings import with_fields


def convert(
    images: Files,
    out: str | Path,
    settings: ConversionSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Converted:
    """Write images as OME-Zarr, or as OME-TIFF, each with smaller levels of itself.

    Args:
        images: a folder, a file, a glob, or a list of these, of anything that is read.
        out: a folder; or for one image its name, which ends in `.zarr` or `.tif`.
        settings: what is written, and how images are read.
        progress: called with files done, files in all, and words.
        fields: single values of `ConversionSettings`, over those of `settings`.

    Raises:
        RequestError: there are no images, or two would have the same name.
        OutputError: something is there already, or cannot be written.
    """
    (settings,) = with_fields(fields, settings or ConversionSettings())
    return convert_files(find_files(images), Path(out), settings, progress)
