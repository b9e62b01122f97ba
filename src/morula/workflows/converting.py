"""From images of any kind to OME-Zarr or OME-TIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from morula.formats.plugins import plugin_called
from morula.images.read import find_files
from morula.pairs.folders import Files
from morula.progress import Progress, silent
from morula.pyramids.conversion import Converted, convert_files
from morula.pyramids.conversion_settings import ConversionSettings
from morula.pyramids.originals import Original, originals_by
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
        images: a folder, a file, a glob, or a list of these, of anything that is read; or of what the plug-in reads
            that `settings.reader` names.
        out: a folder; or for one image its name, which ends in `.zarr` or `.tif`.
        settings: what is written, and how images are read.
        progress: called with files done, files in all, and words.
        fields: single values of `ConversionSettings`, over those of `settings`.

    Raises:
        RequestError: there are no images, or two would have the same name; or there is no such plug-in.
        OutputError: something is there already, or cannot be written.
    """
    (settings,) = with_fields(fields, settings or ConversionSettings())
    if settings.reader is None:
        originals = [Original.of(path) for path in find_files(images)]
    else:
        originals = originals_by(plugin_called(settings.reader), images)
    return convert_files(originals, Path(out), settings, progress)
