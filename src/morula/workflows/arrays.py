"""Masks in memory, measured and compared with the truth as those in files are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.checks.findings import join_findings
from morula.errors import RequestError
from morula.images.channels import choose_channels
from morula.images.given_arrays import given_array
from morula.images.image import Image
from morula.measures.measure_settings import MeasureSettings
from morula.measuring.measurement import measure_source
from morula.measuring.sources import Source
from morula.objects.tables import Table
from morula.pairs.census import censuses_of
from morula.progress import Progress, silent
from morula.scores.annotators import between_annotators
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.evaluation import Evaluation, evaluate_pairs
from morula.scores.mask_pairs import MaskPair
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.models.model import Model
    from morula.models.segment_settings import SegmentSettings
    from morula.segmenting.in_memory import SegmentedImage


def segment_array(
    model: str | Path | Model,
    image: np.ndarray | Image,
    settings: SegmentSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> SegmentedImage:
    """The mask of each frame of an image in memory, how good it probably is, and what is unusual about it.

    Args:
        model: a model, its file, or the name of one that comes with Morula.
        image: an Image; an array of NumPy, dask or xarray, or a layer of napari. Axes that it does not name are `YX`
            or, for a model of several channels, `YXC` (volumes: `ZYX`, `ZYXC`), unless the setting `axes` says others.
        settings: how the image is read and the mask cleaned; what is about files has no meaning here.
        progress: called with frames done, frames in all, and words, also within a frame. What it raises ends the work.
        fields: single values of `SegmentSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used, or the image does not fit the model.
        RequestError: a setting does not fit.
        FileError: the image holds NaN or infinity, or has no such channels.
    """
    from morula.models.fitting import as_image
    from morula.models.model import Model
    from morula.models.segment_settings import SegmentSettings
    from morula.segmenting.in_memory import segment_in_memory

    (settings,) = with_fields(fields, settings or SegmentSettings())
    model = model if isinstance(model, Model) else Model.load(model)
    seen = _sized(as_image(image, settings.axes, model.plan), settings.pixel_size)
    seen = choose_channels(seen, settings.use_channels) if settings.use_channels else seen
    return segment_in_memory(model.asked_for(settings), seen, progress)


def measure_array(
    mask: np.ndarray | Image,
    image: np.ndarray | Image | None = None,
    settings: MeasureSettings | None = None,
    **fields: Any,
) -> Table:
    """Size, shape and, where there is an image, intensities of every object, as `measure` writes them of files.

    Args:
        mask: class numbers, object numbers or any mask that is understood as a file, with the axes `YX`, unless the
            setting `axes` says others; an Image knows its own.
        image: what was segmented, with the same axes; those of `axes` may hold a C that the mask lacks.
        settings: how masks are read, and which objects count.
        fields: single values of `MeasureSettings`, over those of `settings`.

    Raises:
        RequestError: the axes do not fit, mask and image differ in size, or a setting does not fit them.
        DataError: what the values of the mask mean is not clear.
        FileError: values of the mask mean nothing, or the image has no such channels.
    """
    (settings,) = with_fields(fields, settings or MeasureSettings())
    known = _as_image("mask", mask, settings.axes, settings.pixel_size)
    seen = None
    if image is not None:
        seen = _as_image("image", image, settings.axes, settings.pixel_size, settings.channels)
        seen = choose_channels(seen, settings.use_channels) if settings.use_channels else seen
        _refuse_other_size(known, seen)
    source = Source(Path(known.name), known.name, known, seen, None, censuses_of(known))
    return measure_source(source, settings)


def evaluate_array(
    predicted: np.ndarray | Image,
    truth: np.ndarray | Image,
    settings: ComparisonSettings | None = None,
    **fields: Any,
) -> Evaluation:
    """Compare a predicted mask with the true one, frame by frame, as `evaluate` does with files.

    Args:
        predicted: class numbers, object numbers or any mask that is understood as a file, with the axes `YX`, unless
            the setting `axes` says others; an Image knows its own.
        truth: the true mask, of the same size.
        settings: how the masks are read.
        fields: single values of `ComparisonSettings`, over those of `settings`.

    Raises:
        RequestError: the axes do not fit, the masks differ in size, tracks were asked for, or a setting does not fit.
        DataError: the values of one side cannot be understood.
    """
    (settings,) = with_fields(fields, settings or ComparisonSettings())
    if settings.tracks:
        raise RequestError("Tracks are scored in folders, which hold when each begins and ends. Leave out tracks, or "
                           "give folders to morula.evaluate.")
    found = _as_image("predicted", predicted, settings.axes, settings.pixel_size)
    true = _as_image("truth", truth, settings.axes, settings.pixel_size)
    _refuse_other_size(found, true)
    pair = MaskPair(found, true, [*censuses_of(found)], [*censuses_of(true)])
    evaluation = evaluate_pairs([pair], settings, "given together")
    findings = between_annotators(evaluation.findings) if settings.annotators else evaluation.findings
    return replace(evaluation, findings=join_findings(findings))


def _as_image(
    name: str,
    given: np.ndarray | Image,
    axes: str | None,
    pixel_size: float | Sequence[float] | None,
    channels: tuple[str, ...] | None = None,
) -> Image:
    """What was given, with its axes and pixel size; where `axes` has a C that an array lacks, it goes without."""
    if isinstance(given, Image):
        image = given
    else:
        known = given_array(given)
        array, letters = known.array, (axes or known.axes or "YX").upper()
        if array.dtype.kind not in "buif" or array.size == 0:
            raise RequestError(f"The {name} holds no numbers: its shape is {array.shape}, its type {array.dtype}.")
        if array.ndim == len(letters) - 1:
            letters = letters.replace("C", "")
        try:
            image = known.image(letters, name=name, channels=channels)
        except ValueError as error:
            raise RequestError(f"{name}: {error}. Name the axes, a letter of TCZYX for each: axes=\"TYX\" for moments, "
                               "axes=\"ZYX\" for slices.") from error
    return _sized(image, pixel_size)


def _sized(image: Image, pixel_size: float | Sequence[float] | None) -> Image:
    """The image with that pixel size, where one is given."""
    if pixel_size is None:
        return image
    sizes = (pixel_size,) * len(image.space) if isinstance(pixel_size, int | float) else tuple(pixel_size)
    if len(sizes) != len(image.space) or not all(0 < size < np.inf for size in sizes):
        raise RequestError(f"{image.name}: the pixel size {pixel_size} does not fit {image.extent}. Give one positive "
                           "number in µm, or one for each axis.")
    return image.with_pixel_size(sizes)


def _refuse_other_size(one: Image, other: Image) -> None:
    if (one.space, one.frames) != (other.space, other.frames):
        raise RequestError(f"{one.name} has {one.extent}, {other.name} {other.extent}. They must be of the same image.")
