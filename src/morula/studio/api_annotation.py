"""What was drawn, and what is drawn now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import Field

from morula.errors import FileError
from morula.images.image import Box, Image
from morula.images.read import open_alike
from morula.projects.frame_states import beside
from morula.projects.on_screen import note_on_screen
from morula.projects.project import Source
from morula.projects.reviewed_masks import is_own
from morula.projects.strokes import Area, Stroke
from morula.settings import Settings
from morula.studio.api_shared import MOST, Bench, Chosen, Number, Tile, ensure_frame
from morula.studio.pyramid import Place
from morula.studio.workbench import Workbench
from morula.tracks.consistency import classes_between

router = APIRouter(prefix="/api/images/{id}", tags=["annotate"])

FINEST = 3
"""The level of the largest part of which every pixel is given at once."""

Count = Annotated[int, Query(ge=0, le=MOST)]
Layer = Literal["annotation", "prediction", "preview"]


class Beginning(Settings):
    """What to begin an annotation from."""

    t: Count = 0
    """The frame."""
    origin: Literal["prediction", "preview", "before"] = Field(default="prediction", alias="from")
    """The mask that a model drew, the first mask of a frame without one, or the annotation of the frame before."""
    z: Count | None = None
    """The slice of a volume; all of them if left out."""
    tab: str = Field(default="", max_length=40)
    """Which page asks."""


class Said(Settings):
    """What a person says of a frame."""

    t: Count = 0
    """The frame."""
    tab: str = Field(default="", max_length=40)
    """Which page says so."""
    finished: bool | None = None
    """Whether all of it is annotated."""
    review: Literal["accepted", "corrected", "rejected"] | None = None
    """What is thought of the mask that a model drew; null takes back what was said."""
    locked: list[Annotated[int, Field(ge=1, le=65534)]] | None = Field(default=None, max_length=65534)
    """The objects that nothing changes from now on: all of them."""


class Wanted(Settings):
    """Which frame is meant."""

    t: Count = 0
    """The frame."""
    tab: str = Field(default="", max_length=40)
    """Which page asks."""


class Restored(Settings):
    """Which earlier annotation to go back to."""

    t: Count = 0
    """The frame."""
    version: str
    """Its name."""
    tab: str = Field(default="", max_length=40)
    """Which page asks."""


class TakenBack(Settings):
    """A change to take back, or to make again."""

    change: str = Field(max_length=40)
    """Its name."""
    back: bool = True
    """Whether it is taken back."""
    tab: str = Field(default="", max_length=40)
    """Which page asks."""


class NumbersWanted(Settings):
    """Numbers for new objects."""

    t: Count = 0
    """The frame."""
    count: int = Field(default=1, ge=1, le=64)
    """How many."""


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


@router.post("/strokes")
def strokes(source: Chosen, bench: Bench, stroke: Stroke) -> dict[str, int]:
    """A stroke, which is on disk when this is answered."""
    annotation = bench.annotations.of(source)
    before = annotation.notes.state(stroke.t)
    try:
        revision = annotation.draw(stroke)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    _tell_labels(bench, source, stroke.t, revision, z=stroke.z, box=stroke.box, tab=stroke.tab)
    bench.previews.drew(source, stroke.t)
    if annotation.notes.state(stroke.t) != before:
        bench.tell_state(source, stroke.t)
    return {"revision": revision}


@router.post("/area")
def area(source: Chosen, bench: Bench, area: Area) -> dict[str, Any]:
    """A stroke that is large, and that the server takes back if it is asked to."""
    annotation = bench.annotations.of(source)
    Place(area.t, area.z, 0, 0, 0).box(annotation.image)
    with bench.changes.noted(source, area.t, annotation, area.within(annotation.image.space)) as change:
        try:
            revision = annotation.paint(area)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
    _tell_labels(bench, source, area.t, revision, z=area.z, tab=area.tab)
    bench.sketching.drew(source, area.t)
    bench.tell_state(source, area.t)
    return {"revision": revision, "change": change.name}


@router.post("/start")
def start(source: Chosen, bench: Bench, beginning: Beginning) -> dict[str, Any]:
    """Take a mask for what nobody annotated yet."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, beginning.t)
    numbers, part = _beginning(bench, source, beginning), annotation.image.whole
    if beginning.z is not None and len(part) == 3:
        Place(beginning.t, beginning.z, 0, 0, 0).box(annotation.image)
        part = (slice(beginning.z, beginning.z + 1), *part[1:])
    with bench.changes.noted(source, beginning.t, annotation, part) as change:
        bench.history.keep(source, beginning.t, annotation)
        revision = annotation.fill(beginning.t, numbers[part], part)
    _tell_labels(bench, source, beginning.t, revision, tab=beginning.tab)
    bench.tell_state(source, beginning.t)
    return {"revision": revision, "change": change.name}


@router.post("/state")
def state(source: Chosen, bench: Bench, said: Said) -> dict[str, Any]:
    """What a person says of a frame; an accepted mask becomes its annotation."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, said.t)
    if said.locked and not bench.project.settings.objects:
        raise HTTPException(422, "Only objects can be locked, and this project has classes.")
    accepted = said.review == "accepted"
    numbers = _beginning(bench, source, Beginning(t=said.t)) if accepted else None
    with bench.changes.noted(source, said.t, annotation, annotation.image.whole if accepted else None) as change:
        if numbers is not None:
            bench.history.keep(source, said.t, annotation)
            _tell_labels(bench, source, said.t, annotation.fill(said.t, numbers), tab=said.tab)
            annotation.set_finished(said.t, True)
        if "review" in said.model_fields_set:
            annotation.set_review(said.t, said.review)
        if said.finished is not None:
            annotation.set_finished(said.t, said.finished)
        if said.locked is not None:
            annotation.set_locked(said.t, said.locked)
    return {**asdict(bench.tell_state(source, said.t)), "change": change.name}


@router.post("/changes")
def changes(source: Chosen, bench: Bench, wanted: TakenBack) -> dict[str, Any]:
    """Take back what was changed at once, or make it again."""
    annotation = bench.annotations.of(source)
    frame = bench.changes.make(source, annotation, wanted.change, back=wanted.back)
    _tell_labels(bench, source, frame, annotation.revision, tab=wanted.tab)
    return {"revision": annotation.revision, "state": asdict(bench.tell_state(source, frame))}


@router.post("/numbers")
def numbers(source: Chosen, bench: Bench, wanted: NumbersWanted) -> dict[str, list[int]]:
    """Numbers for new objects of a frame, which nobody else is given."""
    ensure_frame(bench.project.image(source).frames, wanted.t)
    return {"numbers": list(bench.annotations.numbers(source, wanted.t, wanted.count))}


@router.post("/mend")
def mend(source: Chosen, bench: Bench, wanted: Wanted) -> dict[str, Any]:
    """Draw a frame between the masks of the frames before and after it; what was there is kept."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, wanted.t)
    numbers = _between(bench, source, wanted.t)
    with bench.changes.noted(source, wanted.t, annotation, annotation.image.whole) as change:
        bench.history.keep(source, wanted.t, annotation)
        revision = annotation.replace(wanted.t, numbers)
        annotation.set_interpolated(wanted.t, True)
        annotation.set_review(wanted.t, "corrected")
        annotation.set_finished(wanted.t, True)
    _tell_labels(bench, source, wanted.t, revision, tab=wanted.tab)
    bench.tell_state(source, wanted.t)
    return {"revision": revision, "change": change.name}


@router.post("/clear")
def clear(source: Chosen, bench: Bench, wanted: Wanted) -> dict[str, Any]:
    """Take back all that was drawn on a frame; it is kept among its earlier annotations."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, wanted.t)
    bench.history.keep(source, wanted.t, annotation)
    revision = annotation.clear(wanted.t)
    _tell_labels(bench, source, wanted.t, revision, tab=wanted.tab)
    bench.tell_state(source, wanted.t)
    return {"revision": revision}


@router.get("/history")
def history(source: Chosen, bench: Bench, t: Number = 0) -> list[dict[str, Any]]:
    """Earlier annotations of a frame."""
    return [asdict(version) for version in bench.history.versions(source, t)]


@router.post("/restore")
def restore(source: Chosen, bench: Bench, wanted: Restored) -> dict[str, Any]:
    """Go back to an earlier annotation; the one of now is kept, too."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, wanted.t)
    numbers = bench.history.read(source, wanted.t, wanted.version)
    with bench.changes.noted(source, wanted.t, annotation, annotation.image.whole) as change:
        bench.history.keep(source, wanted.t, annotation)
        revision = annotation.replace(wanted.t, numbers)
    _tell_labels(bench, source, wanted.t, revision, tab=wanted.tab)
    bench.tell_state(source, wanted.t)
    return {"revision": revision, "change": change.name}


def _annotated(bench: Workbench, source: Source, place: Place, box: Box, step: int) -> tuple[np.ndarray, int] | None:
    if place.t not in bench.annotations.notes(source).touched:
        return None
    annotation = bench.annotations.of(source)
    return annotation.region(place.t, box, step), annotation.revision


def _predicted(bench: Workbench, source: Source, place: Place, box: Box) -> tuple[np.ndarray, int] | None:
    mask = _prediction(bench, source)
    if mask is None:
        return None
    kind = np.uint16 if bench.project.settings.objects else np.uint8
    return mask.region(place.t, box)[0].astype(kind), 0


def _previewed(bench: Workbench, source: Source, place: Place, box: Box) -> tuple[np.ndarray, int] | None:
    mask = bench.previews.mask(source, place.t)
    return None if mask is None else (mask[box], 0)


def _prediction(bench: Workbench, source: Source) -> Image | None:
    """The mask that a model drew; None where there is none, or it is of an image that was there before."""
    path = bench.project.prediction(source)
    if path is None:
        return None
    image = bench.project.image(source)
    try:
        mask = open_alike(path, image)
    except FileError:
        return None  # it is being written
    return mask if (mask.frames, mask.space) == (image.frames, image.space) else None


def _beginning(bench: Workbench, source: Source, beginning: Beginning) -> np.ndarray:
    """What to begin with, its objects apart from those that are there already."""
    numbers = _origin(bench, source, beginning)
    return bench.annotations.apart(source, beginning.t, numbers) if bench.project.settings.objects else numbers


def _origin(bench: Workbench, source: Source, beginning: Beginning) -> np.ndarray:
    if beginning.origin == "before":
        return _before(bench, source, beginning.t)
    if beginning.origin == "preview":
        preview = bench.previews.mask(source, beginning.t)
        if preview is None:
            raise HTTPException(409, "There is no first mask yet. Draw a stroke on what you study, and one on the "
                                     "background; or train a model.")
        return preview
    mask = _prediction(bench, source)
    if mask is None:
        raise HTTPException(409, "No model has drawn a mask of this image yet. Segment first.")
    return mask.frame(beginning.t)[0]


def _before(bench: Workbench, source: Source, frame: int) -> np.ndarray:
    """The annotation of the frame before, which may be the last one of the image before."""
    image, sources = bench.project.image(source), bench.project.sources()
    place = sources.index(source)
    if frame > 0:
        earlier, frame = source, frame - 1
    elif place > 0:
        earlier = sources[place - 1]
        frame = bench.project.image(earlier).frames - 1
    else:
        raise HTTPException(409, "There is no frame before the first.")
    annotation = bench.annotations.of(earlier)
    if annotation.image.space != image.space:
        raise HTTPException(409, "The frame before is of another size.")
    return annotation.region(frame, image.whole)


def _between(bench: Workbench, source: Source, frame: int) -> np.ndarray:
    """The mask halfway between those of the frames beside one, as they count."""
    if bench.project.settings.objects:
        raise HTTPException(409, "Objects that are told apart are not followed from frame to frame here, so that "
                                 "nothing can be drawn between them. Correct this mask by hand.")
    image = bench.project.image(source)
    neighbours = beside(bench.project, source, frame, image.frames)
    if len(neighbours) < 2:
        raise HTTPException(409, "There is no frame on both sides of this one. Correct this mask by hand.")
    if any(bench.state(*neighbour).jumps for neighbour in neighbours):
        raise HTTPException(409, "A frame beside this one jumps as well. Accept or correct that one first.")
    masks = [_counting(bench, *neighbour) for neighbour in neighbours]
    if any(mask is None or mask.shape != image.space for mask in masks):
        raise HTTPException(409, "A frame beside this one has no mask of this size. Segment all first.")
    before, after = (mask for mask in masks if mask is not None)
    return classes_between(before, after, image.pixel_size)


def _counting(bench: Workbench, source: Source, frame: int) -> np.ndarray | None:
    """The mask of a frame as it is measured: a person's, else that of a model; what nobody annotated is background."""
    if is_own(bench.annotations.notes(source), frame):
        annotation = bench.annotations.of(source)
        numbers = annotation.region(frame, annotation.image.whole)
    else:
        mask = _prediction(bench, source)
        if mask is None:
            return None
        numbers = mask.frame(frame)[0].astype(np.uint8)
    return np.where(numbers == bench.project.settings.not_annotated, 0, numbers)


def _tell_labels(bench: Workbench, source: Source, frame: int, revision: int, **known: Any) -> None:
    whole = {"z": None, "box": None, "tab": ""}
    bench.announcements.tell("labels", {"id": source.id, "t": frame, "revision": revision, **whole, **known})
