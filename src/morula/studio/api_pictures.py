"""Images as they are looked at."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Response

from morula.images.image import Image
from morula.projects.project import Source
from morula.sketches.clinging import Surroundings, clinging_way
from morula.studio.api_shared import Bench, Chosen, Number, Tile
from morula.studio.pyramid import Place, shrunk
from morula.studio.rendering import (
    THUMBNAIL,
    Rendering,
    automatic_limits,
    colours,
    first_shown,
    whole_range,
)
from morula.studio.workbench import Workbench

router = APIRouter(prefix="/api/images/{id}", tags=["look"])

FOR_A_WHILE = {"Cache-Control": "private, max-age=3600"}
"""A picture stays what it is: its address changes with the file, the limits and the colours."""


@router.get("/limits")
def limits(source: Chosen, bench: Bench, t: Number = 0, z: Number = 0) -> dict[str, Any]:
    """What each channel is best shown between, and all that it spans."""
    image, sample = _sample(bench, source, t, z)
    return {"limits": automatic_limits(sample, image.channels), "range": whole_range(sample)}


@router.get("/tile", response_class=Response)
def tile(
    source: Chosen,
    bench: Bench,
    place: Tile,
    limits: Annotated[str, Query(max_length=2000)] = "",
    gamma: Annotated[float, Query(gt=0, le=10)] = 1.0,
    shown: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """A part of an image as a picture."""
    image = bench.project.image(source)
    numbers = bench.pyramid.tile(image, _key(bench, source), place)
    if limits:
        between = _pairs(limits, len(image.channels), "Limits are low:high for each channel, with commas between.")
    else:
        between = automatic_limits(_sample(bench, source, place.t, place.z)[1], image.channels)
    channels = _numbers(shown, len(image.channels)) if shown else first_shown(image.channels)
    rendering = Rendering(between, gamma, channels, colours(image.channels))
    return Response(rendering.png(numbers), media_type="image/png", headers=FOR_A_WHILE)


@router.get("/edge")
def edge(
    source: Chosen,
    bench: Bench,
    ends: Annotated[str, Query(max_length=200)],
    t: Number = 0,
    z: Number = 0,
    level: Annotated[int, Query(ge=0, le=24)] = 0,
    shown: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, list[tuple[float, float]]]:
    """The way along edges from one point to another, x and y of each point on it, as fine as a level shows it."""
    image = bench.project.image(source)
    Place(t, z, 0, 0, 0).box(image)
    pairs = np.array(_pairs(ends, 2, "Ends are x:y of two points, with a comma between."))
    start, end = np.clip(pairs[:, ::-1], 0, image.space[-2:])
    around = Surroundings.of(start, end, image.space[-2:], 1 << level)
    planes = bench.pyramid.part(image, _key(bench, source), t, z, around.box, around.step)
    channels = _numbers(shown, len(image.channels)) if shown else first_shown(image.channels)
    corner = np.array([part.start for part in around.box])
    seen = planes[channels or slice(None)]
    way = clinging_way(seen, (start - corner) / around.step, (end - corner) / around.step) * around.step + corner
    return {"points": [(round(x, 2), round(y, 2)) for y, x in way.tolist()]}


@router.get("/thumbnail", response_class=Response)
def thumbnail(source: Chosen, bench: Bench, t: Number = 0, z: Number | None = None) -> Response:
    """A frame made small."""
    image = bench.project.image(source)
    middle = image.space[0] // 2 if len(image.space) == 3 else 0
    image, sample = _sample(bench, source, t, middle if z is None else z)
    small = shrunk(sample, max(1, math.ceil(max(sample.shape[-2:]) / THUMBNAIL)))
    shown = Rendering(automatic_limits(sample, image.channels), 1.0, first_shown(image.channels),
                      colours(image.channels))
    return Response(shown.jpeg(small), media_type="image/jpeg", headers=FOR_A_WHILE)


def _sample(bench: Workbench, source: Source, t: int, z: int) -> tuple[Image, Any]:
    image = bench.project.image(source)
    Place(t, z, 0, 0, 0).box(image)
    return image, bench.pyramid.sample(image, _key(bench, source), t, z)


def _key(bench: Workbench, source: Source) -> str:
    """The same for the same file only."""
    stat = source.file.stat()
    return f"{source.id}-{stat.st_mtime_ns}-{stat.st_size}-{bench.project.settings.pixel_size}"


def _pairs(text: str, count: int, words: str) -> list[tuple[float, float]]:
    try:
        pairs = [(float(low), float(high)) for low, high in (each.split(":") for each in text.split(","))]
        if len(pairs) != count or not all(math.isfinite(end) for pair in pairs for end in pair):
            raise ValueError
    except ValueError:
        raise HTTPException(422, words) from None
    return pairs


def _numbers(text: str, count: int) -> list[int]:
    if text == "none":
        return []
    try:
        numbers = [int(each) for each in text.split(",")]
        if not all(0 <= number < count for number in numbers):
            raise ValueError
    except ValueError:
        raise HTTPException(422, "Channels are shown by their numbers from 0, with commas between.") from None
    return numbers
