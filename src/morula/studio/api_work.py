"""Work that takes long: begun, watched, stopped, gone on with."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from morula.files import read_arrays
from morula.jobs.job_queue import Kind, seen_file
from morula.models.builtin import built_in
from morula.plots.overlay import outlined
from morula.projects.project import NotThere
from morula.projects.project_settings import usual_classes
from morula.settings import Settings
from morula.studio.api_shared import Bench

router = APIRouter(prefix="/api", tags=["work"])

JobId = Annotated[str, Path(pattern=r"^\d{15}$")]
POINTS = 500
"""Of a curve, at most."""
SHED = "shed cells"
"""What the second class of the model that comes with Morula is called."""
LONGEST = 480
"""Pixels of the longer side of a picture."""


class Wanted(Settings):
    """What is to be done."""

    kind: Kind
    """What."""
    minutes: float | None = Field(default=None, gt=0, le=600)
    """How long a training takes."""
    model: str | None = Field(default=None, max_length=200)
    """Which model segments, also one that comes with Morula; the latest of the project if left out."""


@router.get("/jobs")
def jobs(bench: Bench) -> list[dict[str, Any]]:
    """All that was done, the newest first."""
    return [asdict(job) for job in bench.jobs.all()]


@router.post("/jobs")
def add(wanted: Wanted, bench: Bench) -> dict[str, Any]:
    """Begin something, or let it wait for what runs."""
    if wanted.kind == "segment" and wanted.model in built_in():
        _make_room(bench)
    asked = wanted.model_dump(exclude={"kind"}, exclude_none=True)
    return asdict(bench.start(wanted.kind, asked))


@router.post("/jobs/{id}/stop")
def stop(id: JobId, bench: Bench) -> dict[str, Any]:
    """End it soon; what it has made is kept."""
    return asdict(bench.jobs.stop(id))


@router.post("/jobs/{id}/resume")
def resume(id: JobId, bench: Bench) -> dict[str, Any]:
    """Go on with it."""
    return asdict(bench.jobs.resume(id))


@router.get("/jobs/{id}/course")
def course(id: JobId, bench: Bench) -> dict[str, Any]:
    """How a training learns: its loss and its scores, step by step."""
    job = bench.jobs.get(id)
    loss: list[tuple[int, float]] = []
    validation: list[tuple[int, float]] = []
    log = bench.project.models / f"{job.result.get('model', '')}.log.jsonl"
    if job.kind == "train" and log.is_file():
        for line in log.read_text(encoding="utf-8").splitlines():
            try:
                event = json.loads(line)
            except ValueError:  # the last line is still being written
                continue
            if event["event"] == "step":
                loss.append((event["step"], event["loss"]))
            elif event["event"] == "validation":
                validation.append((event["step"], event["foreground_iou"]))
    every = max(1, -(-len(loss) // POINTS))
    return {"loss": loss[::every], "validation": validation, "steps": job.total or None}


@router.get("/jobs/{id}/picture", response_class=Response)
def picture(id: JobId, bench: Bench) -> Response:
    """What a training makes of the frame on screen by now: its outline over the frame, as PNG."""
    path = seen_file(bench.jobs.folder, id)
    if not path.is_file():
        raise NotThere("There is no picture yet.")
    try:
        seen = read_arrays(path)
        drawn = outlined(seen["image"], seen["mask"], longest=LONGEST)
    except (OSError, ValueError, KeyError) as error:
        raise NotThere("The picture is damaged. The next one follows soon.") from error
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "no-cache"})


@router.get("/events", response_class=StreamingResponse)
async def events(bench: Bench) -> StreamingResponse:
    """What happens, as it happens."""
    return StreamingResponse(bench.announcements.listen(), media_type="text/event-stream")


def _make_room(bench: Bench) -> None:
    """A class for each that a model which comes with Morula tells apart; those of the project keep their numbers."""
    settings = bench.project.settings
    if settings.objects:
        raise HTTPException(409, "This model draws classes, and here objects are told apart. Use it in a new project.")
    if len(settings.classes) < 2:
        shed = usual_classes(2)[1].model_copy(update={"name": SHED})
        bench.project.change_settings(settings.model_copy(update={"classes": (*settings.classes, shed)}))
        bench.announcements.tell("project", {})
