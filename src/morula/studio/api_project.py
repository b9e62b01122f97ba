"""What a project is, and what is put into it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from morula.errors import RequestError
from morula.models.builtin import built_in
from morula.names.told import names_of
from morula.projects.models_made import models_made
from morula.projects.project import Source
from morula.projects.project_settings import ProjectSettings
from morula.projects.uploads import take_in
from morula.studio.api_shared import Bench, image_record
from morula.studio.workbench import Workbench

router = APIRouter(tags=["project"])

DRAWN = 12
"""Gastruloids that are drawn to try things out with."""


@router.get("/api/project")
def project(bench: Bench) -> JSONResponse:
    """All that a page needs to begin."""
    known = bench.project
    sources = known.sources()
    job = bench.jobs.current()
    return JSONResponse({
        "name": known.folder.name,
        "folder": str(known.folder),
        "settings": known.settings.model_dump(),
        "images": [image_record(source, *found)
                   for source, found in zip(sources, bench.states(sources), strict=True)],
        "built_in": built_in(),
        "models": [asdict(model) for model in models_made(known)],
        "job": asdict(job) if job else None,
    })


@router.put("/api/settings")
def settings(wanted: ProjectSettings, bench: Bench) -> ProjectSettings:
    """Other classes, or another length of trainings."""
    known, sources = bench.project.settings, bench.project.sources()
    if wanted.objects != known.objects and _highest(bench, sources, 0):
        raise HTTPException(409, "Whether objects are told apart is decided before anything is drawn. Begin a new "
                                 "project for the other way.")
    drawn = 0 if known.objects else _highest(bench, sources, len(wanted.classes))
    if drawn > len(wanted.classes):
        raise HTTPException(409, f"Class {drawn} is drawn in some frame, so it cannot go. Erase it first.")
    if drawn and (moved := _moved(known, wanted, drawn)):
        raise HTTPException(409, f"{moved} was drawn, so it keeps its place among the classes. Load the page again.")
    if wanted.names:
        try:
            names_of([source.path for source in sources], wanted.names)
        except RequestError as error:
            raise HTTPException(422, str(error).removeprefix("--names ")) from error
    changed = (wanted.objects, wanted.pixel_size) != (known.objects, known.pixel_size)
    if changed:
        bench.annotations.forget()
    bench.project.change_settings(wanted)
    if changed:
        bench.previews.forget()
    bench.announcements.tell("project", {})
    return wanted


def _highest(bench: Workbench, sources: Sequence[Source], most: int) -> int:
    """The highest number that was drawn on images; of those above some number, the highest that is there still."""
    noted = {source: bench.annotations.notes(source).highest for source in sources}
    return max((bench.annotations.of(source).recount() if highest > most else highest
                for source, highest in noted.items()), default=0)


def _moved(known: ProjectSettings, wanted: ProjectSettings, drawn: int) -> str:
    """The name of a class up to the highest that was drawn, in whose place another one would be; empty if none is."""
    before, after = ([each.name for each in settings.classes] for settings in (known, wanted))
    pairs = list(zip(before, after, strict=False))[:drawn]
    return next((was for was, now in pairs if now != was and now in before), "")


@router.post("/api/images")
async def image(
    request: Request, bench: Bench, name: Annotated[str, Query(min_length=1, max_length=300)]
) -> dict[str, Any]:
    """An image, as the bytes of its file."""
    source = await take_in(bench.project, name, request.stream())
    bench.announcements.tell("project", {})
    return image_record(source, *bench.states([source])[0])


@router.post("/api/images/drawn")
def drawn(bench: Bench) -> JSONResponse:
    """Drawn gastruloids to try things out with, in a project that is empty."""
    from morula.workflows import draw

    if bench.project.sources():
        raise HTTPException(409, "There are images already. Drawn ones are for an empty project.")
    bench.project.images.mkdir(parents=True, exist_ok=True)
    aside = bench.project.hidden / "drawn"
    shutil.rmtree(aside, ignore_errors=True)  # of drawing that was broken off
    for path in sorted(draw("gastruloids", aside, count=DRAWN).images.iterdir()):
        path.replace(bench.project.images / path.name)
    shutil.rmtree(aside)
    bench.announcements.tell("project", {})
    return project(bench)
