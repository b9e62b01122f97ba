"""What lies over an image: what was drawn, what a model drew, and a first mask; as numbers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Response

from morula.images.image import Box
from morula.jobs.on_screen import note_on_screen
from morula.projects.project import Source
from morula.studio.api_shared import Bench, Chosen, Number, Tile, ensure_frame
from morula.studio.beginnings import prediction
from morula.studio.pyramid import Place
from morula.studio.workbench import Workbench

router = APIRouter(prefix="/api/images/{id}", tags=["look"])

FINEST = 3
"""The level of the largest part of which every pixel is given at once."""

Layer = Literal["annotation", "prediction", "preview"]


@router.get("/labels/{which}", response_class=Response)
def labels(source: Chosen, bench: Bench, which: Layer, place: Tile, fine: bool = False) -> Response:
    """The numbers of a part of a frame, row by row; nothing where nobody drew. Every pixel, if it is to be fine."""
    image = bench.project.image(source)
    if fine and place.level > FINEST:
        raise HTTPException(422, f"Every pixel is given up to level {FINEST}.")
    rows, columns = place.box(image)
    step = 1 if fine else 1 << place.level
    flat: Box = (slice(rows.start, rows.stop), slice(columns.start, columns.stop))
    box: Box = (slice(place.z, place.z + 1), *flat) if len(image.space) == 3 else flat
    if which == "annotation":
        found = _annotated(bench, source, place, box, step)
        step = 1
    else:
        found = {"prediction": _predicted, "preview": _previewed}[which](bench, source, place, box)
    if found is None:
        return Response(status_code=204)
    numbers, revision = found
    numbers = np.ascontiguousarray(numbers.reshape(numbers.shape[-2:])[::step, ::step])
    height, width = numbers.shape
    little = numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)
    return Response(little.tobytes(), media_type="application/octet-stream",
                    headers={"X-Width": str(width), "X-Height": str(height), "X-Revision": str(revision)})


@router.post("/preview")
def preview(source: Chosen, bench: Bench, t: Number = 0) -> dict[str, Any]:
    """What is there of the first mask of the frame on screen; one that is missing or outdated is drawn, and pages are
    told."""
    ensure_frame(bench.project.image(source).frames, t)
    note_on_screen(bench.project, source, t)
    return bench.previews.of(source, t).told(source, t)


def _annotated(bench: Workbench, source: Source, place: Place, box: Box, step: int) -> tuple[np.ndarray, int] | None:
    if place.t not in bench.annotations.notes(source).touched:
        return None
    annotation = bench.annotations.of(source)
    return annotation.region(place.t, box, step), annotation.revision


def _predicted(bench: Workbench, source: Source, place: Place, box: Box) -> tuple[np.ndarray, int] | None:
    mask = prediction(bench, source)
    if mask is None:
        return None
    kind = np.uint16 if bench.project.settings.objects else np.uint8
    return mask.region(place.t, box)[0].astype(kind), 0


def _previewed(bench: Workbench, source: Source, place: Place, box: Box) -> tuple[np.ndarray, int] | None:
    mask = bench.previews.mask(source, place.t)
    return None if mask is None else (mask[box], 0)
