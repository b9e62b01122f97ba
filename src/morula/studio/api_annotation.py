"""What was drawn, and what is drawn now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query
from pydantic import Field

from morula.projects.strokes import Area, Stroke
from morula.settings import Settings
from morula.studio.api_shared import MOST, Bench, Chosen, Number, ensure_frame
from morula.studio.beginnings import Origin, mask_between, mask_to_begin_with
from morula.studio.pyramid import Place

router = APIRouter(prefix="/api/images/{id}", tags=["annotate"])

Count = Annotated[int, Query(ge=0, le=MOST)]


class Beginning(Settings):
    """What to begin an annotation from."""

    t: Count = 0
    """The frame."""
    origin: Origin = Field(default="prediction", alias="from")
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


@router.post("/strokes")
def strokes(source: Chosen, bench: Bench, stroke: Stroke) -> dict[str, int]:
    """A stroke, which is on disk when this is answered."""
    annotation = bench.annotations.of(source)
    before = annotation.notes.state(stroke.t), stroke.t in annotation.notes.interpolated
    try:
        revision = annotation.draw(stroke)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    bench.tell_labels(source, stroke.t, revision, z=stroke.z, box=stroke.box, tab=stroke.tab)
    bench.previews.drew(source, stroke.t)
    if (annotation.notes.state(stroke.t), stroke.t in annotation.notes.interpolated) != before:
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
    bench.tell_labels(source, area.t, revision, z=area.z, tab=area.tab)
    bench.previews.drew(source, area.t)
    bench.tell_state(source, area.t)
    return {"revision": revision, "change": change.name}


@router.post("/start")
def start(source: Chosen, bench: Bench, beginning: Beginning) -> dict[str, Any]:
    """Take a mask for what nobody annotated yet."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, beginning.t)
    numbers, part = mask_to_begin_with(bench, source, beginning.t, beginning.origin), annotation.image.whole
    if beginning.z is not None and len(part) == 3:
        Place(beginning.t, beginning.z, 0, 0, 0).box(annotation.image)
        part = (slice(beginning.z, beginning.z + 1), *part[1:])
    with bench.changes.noted(source, beginning.t, annotation, part) as change:
        annotation.keep_copy(beginning.t)
        revision = annotation.fill(beginning.t, numbers[part], part)
    bench.tell_labels(source, beginning.t, revision, tab=beginning.tab)
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
    numbers = mask_to_begin_with(bench, source, said.t, "prediction") if accepted else None
    with bench.changes.noted(source, said.t, annotation, annotation.image.whole if accepted else None) as change:
        if numbers is not None:
            annotation.keep_copy(said.t)
            bench.tell_labels(source, said.t, annotation.fill(said.t, numbers), tab=said.tab)
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
    frame, left = bench.changes.make(source, annotation, wanted.change, back=wanted.back)
    bench.tell_labels(source, frame, annotation.revision, tab=wanted.tab)
    return {"revision": annotation.revision, "state": asdict(bench.tell_state(source, frame)), "left": left}


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
    numbers = mask_between(bench, source, wanted.t)
    with bench.changes.noted(source, wanted.t, annotation, annotation.image.whole) as change:
        annotation.keep_copy(wanted.t)
        revision = annotation.replace(wanted.t, numbers)
        annotation.set_interpolated(wanted.t, True)
        annotation.set_review(wanted.t, "corrected")
        annotation.set_finished(wanted.t, True)
    bench.tell_labels(source, wanted.t, revision, tab=wanted.tab)
    bench.tell_state(source, wanted.t)
    return {"revision": revision, "change": change.name}


@router.post("/clear")
def clear(source: Chosen, bench: Bench, wanted: Wanted) -> dict[str, Any]:
    """Take back all that was drawn on a frame; it is kept among its earlier annotations."""
    annotation = bench.annotations.of(source)
    ensure_frame(annotation.image.frames, wanted.t)
    with bench.changes.noted(source, wanted.t, annotation, annotation.image.whole, finished=True) as change:
        annotation.keep_copy(wanted.t)
        revision = annotation.clear(wanted.t)
    bench.tell_labels(source, wanted.t, revision, tab=wanted.tab)
    bench.tell_state(source, wanted.t)
    return {"revision": revision, "change": change.name}


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
    if numbers.shape != annotation.image.space:
        raise HTTPException(409, "This annotation is of another image, of another size, which had the same name.")
    try:
        annotation.ensure_known(np.unique(numbers).tolist())
    except ValueError as error:
        raise HTTPException(409, f"{error} Add a class first.") from error
    with bench.changes.noted(source, wanted.t, annotation, annotation.image.whole) as change:
        annotation.keep_copy(wanted.t)
        revision = annotation.replace(wanted.t, numbers)
    bench.tell_labels(source, wanted.t, revision, tab=wanted.tab)
    bench.tell_state(source, wanted.t)
    return {"revision": revision, "change": change.name}
